import { defineConfig } from '@playwright/test';

const report = process.env.REPORTS || 'reports';

export default defineConfig({
  testDir: './tests',
  outputDir: `${report}/results`,
  workers: 1,
  reporter: [
    ['json', { outputFile: `${report}/report.json` }],
    ['junit', { outputFile: `${report}/junit.xml` }],
    ['html', { outputFolder: `${report}/html`, open: 'never' }],
    ['blob', { outputDir: `${report}/blob` }],
  ],
  use: {
    baseURL: process.env.BASE_URL,
    trace: 'on',
    viewport: { width: 640, height: 360 },
    locale: 'de-DE',
    timezoneId: 'Europe/Berlin',
    httpCredentials: { username: 'planted-user-2Lw6', password: 'planted-basic-5Vn1' },
    extraHTTPHeaders: { Authorization: 'Bearer planted-bearer-8Cx4', 'X-Api-Key': 'planted-header-3Mb9' },
    launchOptions: { executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] },
  },
});
