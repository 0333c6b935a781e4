CREATE TABLE products (
    sku TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    price INTEGER NOT NULL
);
CREATE TABLE orders (
    sequence INTEGER PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL,
    receipt TEXT NOT NULL
);
INSERT INTO products VALUES ('tea', 'Green tea', 450), ('cup', 'Stoneware cup', 1290), ('pot', 'Iron pot', 5400);
