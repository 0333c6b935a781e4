"""How a leaked secret of each provider is replaced: short steps for the response to a leak. Pure.

The steps say where; the words and places are our own, from what the providers document. Read only when a leak
is answered, so that no gate pays for it.
"""

from __future__ import annotations

from andon.record import Record
from andon.secrets.formats import FORMATS


class Rotation(Record):
    """The steps by which the secrets of one provider are replaced."""

    #: What people call the provider.
    name: str
    #: Where a secret is made worthless.
    revoke: str
    #: Where it can be seen whether somebody used it.
    audit: str


#: Where a value stands that has to be replaced by the new one.
_REPLACE = (
    "put the new one where the old one is used: secret store, CI variables, running services; then deploy"
)


def _p(name: str, revoke: str, audit: str = "") -> Rotation:
    return Rotation(
        name=name, revoke=revoke, audit=audit or f"look for uses that are not yours in what {name} logs"
    )


PROVIDERS: dict[str, Rotation] = {
    "aiven": _p("Aiven", "reset the service user's password in the console, Users"),
    "age": _p(
        "age",
        "make a new identity, encrypt every file again for it, delete the old identity",
        "whoever has the old files can still read them: replace what is in them, too",
    ),
    "airtable": _p("Airtable", "delete the token in the developer hub, Personal access tokens"),
    "algolia": _p(
        "Algolia", "delete or regenerate the key in the dashboard, API keys", "dashboard, API logs"
    ),
    "alibaba": _p(
        "Alibaba Cloud", "disable, then delete the key in RAM, AccessKey", "ActionTrail, by access key"
    ),
    "anthropic": _p("Anthropic", "delete the key in the console, API keys", "console, Usage and Cost"),
    "asana": _p("Asana", "deauthorise the token in the developer console, My apps"),
    "assemblyai": _p("AssemblyAI", "delete the key in the dashboard, API keys"),
    "atlassian": _p(
        "Atlassian",
        "revoke the token in the account's security settings, API tokens",
        "organisation's audit log",
    ),
    "auth0": _p("Auth0", "rotate the secret in the application's settings", "Monitoring, Logs"),
    "aws": _p(
        "AWS",
        "IAM: deactivate the access key, then delete it; revoke sessions of its role",
        "CloudTrail: events by that access key id, in every region, from the first exposure on",
    ),
    "axiom": _p("Axiom", "delete the token in the settings, API tokens"),
    "azure": _p(
        "Azure",
        "regenerate the key of the resource, or remove the application's client secret",
        "Entra sign-in logs and the resource's activity log",
    ),
    "brevo": _p("Brevo", "delete the key in SMTP and API", "Transactional, Logs"),
    "buildkite": _p("Buildkite", "revoke the token in the personal settings, API access tokens"),
    "cerebras": _p("Cerebras", "delete the key in the cloud console, API keys"),
    "circleci": _p(
        "CircleCI", "delete the token in the user or project settings", "organisation's audit log"
    ),
    "clickup": _p("ClickUp", "regenerate the token in the settings, Apps"),
    "clojars": _p(
        "Clojars", "disable the token on the deploy tokens page", "check the releases of your artefacts"
    ),
    "cloudflare": _p(
        "Cloudflare", "roll or delete the token in the profile, API tokens", "Manage account, Audit log"
    ),
    "codacy": _p("Codacy", "delete the token in the account's access management"),
    "codecov": _p("Codecov", "regenerate the upload token in the repository's settings"),
    "cohere": _p("Cohere", "delete the key in the dashboard, API keys"),
    "coinbase": _p(
        "Coinbase", "delete the key in the developer platform", "check transfers and account activity"
    ),
    "confluent": _p(
        "Confluent", "delete the API key in the cloud console", "audit log topic of the organisation"
    ),
    "contentful": _p("Contentful", "revoke the token in the settings, CMA tokens"),
    "crates": _p(
        "Rust crates",
        "revoke the token in the account settings, API tokens",
        "check the versions of your crates",
    ),
    "databricks": _p(
        "Databricks",
        "revoke the token in the settings, Developer, Access tokens",
        "system.access.audit, by token",
    ),
    "datadog": _p(
        "Datadog", "revoke the key in the organisation settings, API or application keys", "Audit trail"
    ),
    "deepgram": _p("Deepgram", "delete the key in the console, API keys"),
    "digitalocean": _p(
        "DigitalOcean", "delete the token in the control panel, API", "Settings, Security history"
    ),
    "discord": _p("Discord", "reset the token in the developer portal, Bot", "server's audit log"),
    "docker": _p(
        "Docker",
        "delete the token in the account settings, Personal access tokens",
        "check the tags of your images; organisation's activity log",
    ),
    "doppler": _p(
        "Doppler", "revoke the token, and replace every secret it could read", "workplace's activity log"
    ),
    "dropbox": _p("Dropbox", "revoke the token, or reset the app's secret in the app console"),
    "duffel": _p("Duffel", "revoke the token in the dashboard, Developers"),
    "dynatrace": _p("Dynatrace", "delete the token in Access tokens", "audit logs of the environment"),
    "easypost": _p("EasyPost", "delete the key in the account settings, API keys"),
    "elevenlabs": _p("ElevenLabs", "delete the key in the developer settings, API keys"),
    "expo": _p("Expo", "revoke the token in the account settings, Access tokens"),
    "facebook": _p("Meta", "reset the app's secret, or invalidate the token in the app dashboard"),
    "figma": _p("Figma", "revoke the token in the settings, Security"),
    "firecrawl": _p("Firecrawl", "delete the key in the dashboard, API keys"),
    "fireworks": _p("Fireworks", "delete the key in the account settings, API keys"),
    "flutterwave": _p("Flutterwave", "regenerate the keys in the settings, API", "check transfers"),
    "fly": _p("Fly.io", "fly tokens revoke, or on the dashboard, Tokens"),
    "frameio": _p("Frame.io", "delete the token on the developer site"),
    "gitea": _p("Gitea", "delete the token in the user settings, Applications"),
    "github": _p(
        "GitHub",
        "delete the token in Settings, Developer settings; for an app, revoke its tokens",
        "organisation's or own security log: uses of the token, new keys, new collaborators, pushes",
    ),
    "gitlab": _p(
        "GitLab",
        "revoke the token in the profile's, project's or group's access tokens; reset a runner's",
        "audit events, and new keys, members and pipelines",
    ),
    "google": _p(
        "Google Cloud",
        "IAM or APIs and services, Credentials: delete the key, or reset the client's secret",
        "Cloud audit logs, by principal or key id",
    ),
    "grafana": _p("Grafana", "delete the token of the service account", "audit log, dashboards that changed"),
    "groq": _p("Groq", "delete the key in the console, API keys"),
    "hashicorp": _p(
        "HashiCorp",
        "revoke the token (Vault: with its accessor; Terraform: in the user settings), "
        "and replace every secret it could read",
        "Vault's audit device; Terraform's audit trail",
    ),
    "heroku": _p(
        "Heroku",
        "regenerate the API key in the account settings, or revoke the authorisation",
        "heroku releases of every app",
    ),
    "hetzner": _p("Hetzner", "delete the token in the project's security settings", "check servers and keys"),
    "honeycomb": _p("Honeycomb", "delete the key in the environment's settings, API keys"),
    "hubspot": _p("HubSpot", "rotate the private app's token", "private app's log"),
    "huggingface": _p(
        "Hugging Face",
        "invalidate the token in the settings, Access tokens",
        "check the commits of your models and data sets",
    ),
    "ibm": _p("IBM Cloud", "delete the key in IAM, API keys", "activity tracker"),
    "infisical": _p(
        "Infisical", "revoke the service token, and replace every secret it could read", "audit logs"
    ),
    "intercom": _p("Intercom", "regenerate the token in the developer hub"),
    "jenkins": _p(
        "Jenkins", "revoke the token in the user's settings", "builds and job changes of that user"
    ),
    "jfrog": _p("JFrog", "revoke the key or token in the user profile", "access and request logs"),
    "jina": _p("Jina", "delete the key on the API dashboard"),
    "key": _p(
        "private key",
        "take it out of every authorized_keys, certificate and deploy key; make a new pair; "
        "revoke its certificates",
        "log-ins on the servers that accept it",
    ),
    "langfuse": _p("Langfuse", "delete the key in the project settings, API keys"),
    "langsmith": _p("LangSmith", "delete the key in the settings, API keys"),
    "launchdarkly": _p(
        "LaunchDarkly", "reset the environment's key, or delete the access token", "audit log"
    ),
    "lichess": _p("Lichess", "revoke the token in the preferences, API access tokens"),
    "linear": _p("Linear", "revoke the key in the settings, Security and access", "workspace's audit log"),
    "linkedin": _p("LinkedIn", "generate a new client secret in the developer portal, Auth"),
    "linode": _p("Linode", "revoke the token in the profile, API tokens", "account's event log"),
    "llamaindex": _p("LlamaIndex", "delete the key in the cloud console"),
    "mailchimp": _p(
        "Mailchimp", "revoke the key in the account's extras, API keys", "API usage, campaigns sent"
    ),
    "mailersend": _p("MailerSend", "delete the token in the domain's settings", "activity"),
    "mailgun": _p("Mailgun", "delete the key in the API security settings", "sending logs"),
    "mapbox": _p("Mapbox", "delete the token on the tokens page", "statistics by token"),
    "messagebird": _p("MessageBird", "delete the key in the developers' settings"),
    "mistral": _p("Mistral", "delete the key in the console, API keys"),
    "nats": _p("NATS", "revoke the user in the account's JWT and push it; make new credentials"),
    "neon": _p("Neon", "revoke the key in the account settings, API keys; reset the roles' passwords"),
    "netlify": _p(
        "Netlify", "revoke the token in the user settings, Applications", "team's audit log, deploys"
    ),
    "newrelic": _p("New Relic", "delete the key in the administration, API keys", "NrAuditEvent"),
    "ngrok": _p("ngrok", "reset the token on the dashboard, Authtokens"),
    "notion": _p("Notion", "refresh the integration's secret in My integrations"),
    "npm": _p(
        "npm", "revoke the token: npm token revoke, or on the site", "check the versions of your packages"
    ),
    "nuget": _p(
        "NuGet", "delete or regenerate the key on the API keys page", "check the versions of your packages"
    ),
    "nvidia": _p("NVIDIA", "delete the key in the build or NGC settings"),
    "okta": _p("Okta", "revoke the token in Security, API, Tokens", "system log, by token"),
    "onepassword": _p(
        "1Password",
        "revoke the service account's token, and replace every secret it could read",
        "service account's usage report",
    ),
    "openai": _p(
        "OpenAI", "delete the key in the project's API keys", "Usage by key; audit log of the organisation"
    ),
    "openrouter": _p("OpenRouter", "delete the key in the settings, Keys", "Activity"),
    "openshift": _p("OpenShift", "oc delete oauthaccesstoken, of that user", "audit log of the API server"),
    "opsgenie": _p("Opsgenie", "delete the key in the settings, API key management"),
    "packagist": _p(
        "Packagist", "regenerate the token in the profile", "check the versions of your packages"
    ),
    "paddle": _p("Paddle", "revoke the key in Developer tools, Authentication", "check refunds and payouts"),
    "pagerduty": _p("PagerDuty", "delete the key in Integrations, API access keys", "audit trail"),
    "paypal": _p(
        "PayPal",
        "disable the secret in the developer dashboard, and make a new one",
        "check transactions and webhooks",
    ),
    "perplexity": _p("Perplexity", "delete the key in the settings, API"),
    "pinecone": _p("Pinecone", "delete the key in the console, API keys"),
    "plaid": _p("Plaid", "rotate the secret in the dashboard, Keys; invalidate the access token"),
    "planetscale": _p("PlanetScale", "delete the password or service token in the settings", "audit log"),
    "posthog": _p("PostHog", "delete the personal API key in the settings"),
    "postman": _p("Postman", "delete the key in the settings, API keys", "team's audit log"),
    "postmark": _p("Postmark", "make a new server token and delete the old one", "message activity"),
    "prefect": _p("Prefect", "delete the key in the profile, API keys"),
    "pulumi": _p("Pulumi", "revoke the token in the settings, Access tokens", "organisation's audit log"),
    "pypi": _p(
        "PyPI",
        "remove the token in the account settings, API tokens",
        "project's and account's security history, and its releases",
    ),
    "railway": _p("Railway", "delete the token in the account or project settings"),
    "razorpay": _p("Razorpay", "regenerate the key in the settings, API keys", "check refunds and payouts"),
    "readme": _p("ReadMe", "delete the key in the project's configuration, API keys"),
    "render": _p("Render", "revoke the key in the account settings, API keys"),
    "replicate": _p("Replicate", "delete the token in the account's API tokens"),
    "resend": _p("Resend", "delete the key on the API keys page", "logs by key"),
    "rollbar": _p("Rollbar", "disable the token in the project's access tokens"),
    "rubygems": _p("RubyGems", "delete the key in the settings, API keys", "check the versions of your gems"),
    "salesforce": _p(
        "Salesforce",
        "reset the security token; end the session; rotate the connected app's secret",
        "log-in history and event log",
    ),
    "scaleway": _p("Scaleway", "delete the key in IAM, API keys"),
    "scalingo": _p("Scalingo", "revoke the token in the account settings, Tokens"),
    "sendgrid": _p("SendGrid", "delete the key in the settings, API keys", "email activity"),
    "sentry": _p("Sentry", "revoke the token in the settings, Auth tokens", "organisation's audit log"),
    "shippo": _p("Shippo", "delete the token in the settings, API"),
    "shopify": _p(
        "Shopify", "rotate the app's secret, uninstall or reinstall the app", "store's activity log"
    ),
    "slack": _p(
        "Slack",
        "revoke the token (auth.revoke) or rotate it on the app's page; make new webhooks",
        "access logs of the workspace; files and channels read by the app",
    ),
    "snyk": _p("Snyk", "revoke the token in the account settings"),
    "sonar": _p("SonarQube", "revoke the token in the account's security page"),
    "sourcegraph": _p("Sourcegraph", "delete the token in the settings, Access tokens", "security event log"),
    "sparkpost": _p("SparkPost", "delete the key in the configuration, API keys", "events search"),
    "splunk": _p("Splunk", "delete the token in Data inputs, HTTP event collector, or Settings, Tokens"),
    "spotify": _p("Spotify", "rotate the client secret on the developer dashboard"),
    "square": _p(
        "Square",
        "replace the token or the application's secret in the developer console",
        "check payments and refunds",
    ),
    "steam": _p("Steam", "revoke the key on the web API key page"),
    "stripe": _p(
        "Stripe",
        "roll the key in Developers, API keys, with immediate expiry",
        "Developers, Logs by key; check refunds, payouts and new webhooks",
    ),
    "supabase": _p(
        "Supabase",
        "revoke the token in the account; rotate the project's keys and JWT secret",
        "logs explorer",
    ),
    "tailscale": _p(
        "Tailscale", "revoke the key in the settings, Keys; check the machines", "configuration audit log"
    ),
    "tavily": _p("Tavily", "delete the key on the dashboard"),
    "telegram": _p(
        "Telegram", "BotFather: /revoke, which makes a new token", "getWebhookInfo: is the webhook yours?"
    ),
    "tencent": _p("Tencent Cloud", "disable, then delete the key in CAM", "CloudAudit"),
    "together": _p("Together", "delete the key in the settings, API keys"),
    "travis": _p("Travis CI", "regenerate the token in the settings; replace the encrypted variables"),
    "trello": _p("Trello", "revoke the token in the account's applications"),
    "twilio": _p(
        "Twilio",
        "delete the API key, or promote the secondary auth token",
        "Monitor, Logs; check calls, messages and bought numbers",
    ),
    "twitch": _p("Twitch", "make a new secret in the developer console; revoke the token"),
    "twitter": _p("X", "regenerate the keys and tokens in the developer portal"),
    "typeform": _p("Typeform", "delete the token in the settings, Personal tokens"),
    "vercel": _p(
        "Vercel", "delete the token in the account settings, Tokens", "team's activity, deployments"
    ),
    "voyage": _p("Voyage", "delete the key on the dashboard, API keys"),
    "vultr": _p("Vultr", "regenerate the key in the account, API", "check servers and keys"),
    "wandb": _p("Weights and Biases", "delete the key in the user settings, API keys"),
    "webhook": _p(
        "webhook",
        "delete the webhook in the channel's or application's settings, and make a new one",
        "messages that are not yours in the channel",
    ),
    "wireguard": _p("WireGuard", "make a new pair, and replace the public key at every peer"),
    "xai": _p("xAI", "delete the key in the console, API keys"),
    "yandex": _p("Yandex Cloud", "delete the key of the service account", "Audit trails"),
    "zendesk": _p("Zendesk", "delete the token in the admin centre, Zendesk API", "audit log"),
    "database": _p(
        "database",
        "change the user's password; end its sessions",
        "the server's connection log: addresses and statements that are not yours",
    ),
    "netrc": _p("account", "change the password on that host"),
    "account": _p("account", "change the password, and end its sessions"),
}

#: For what no provider of the table gave out.
_ANYBODY = _p(
    "its owner",
    "find out what it opens and make it worthless there: change the password, delete the key or token",
    "log-ins and uses that are not yours, from the first exposure on",
)
_OF_NO_PROVIDER = {
    "jwt": "change the key that signs them: all tokens of it end at once",
    "url-password": "database",
}


def rotation_of(kind: str) -> tuple[str, ...]:
    """Return the steps for a kind of secret: make it worthless, replace it in use, look for misuse."""
    found = PROVIDERS.get(provider_of(kind), _ANYBODY)
    revoke = found.revoke if kind != "jwt" else _OF_NO_PROVIDER["jwt"]
    return (
        f"{found.name}: {revoke}" if found is not _ANYBODY else revoke,
        _REPLACE,
        f"look for misuse: {found.audit}",
    )


def provider_of(kind: str) -> str:
    """Return the provider of a kind of secret; "" for none."""
    if kind in ("url-password", "url-token"):
        return "database" if kind == "url-password" else ""
    return next((row.provider for row in FORMATS if row.kind == kind), "")


def badness_of(kind: str) -> str:
    """Return how bad it is to lose a secret of a kind, P0 to P3; P1 where nobody can tell."""
    return next(
        (row.badness for row in FORMATS if row.kind == kind), "P0" if kind == "environment-value" else "P1"
    )
