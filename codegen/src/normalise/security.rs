//! How callers say who they are, and where an API is served.

use super::Spec;
use crate::load::NodeId;

/// A security scheme of the document.
pub(crate) struct SecurityScheme {
    /// In the document.
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) kind: SchemeKind,
    /// How a program gets tokens for it by itself.
    pub(crate) flows: Vec<Flow>,
}

/// How a program gets tokens of OAuth 2 by itself.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) grant: Grant,
    pub(crate) token_url: String,
    /// With their descriptions.
    pub(crate) scopes: Vec<(String, String)>,
}

/// What a program shows to get a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant {
    /// Its own id and secret.
    ClientCredentials,
    /// The refresh token that it got when a user signed in.
    RefreshToken,
}

/// What a caller gives, and where it goes.
#[derive(Debug)]
pub(crate) enum SchemeKind {
    Header(String),
    Query(String),
    Cookie(String),
    Basic,
    Bearer,
    /// The connection says it: nothing goes into requests.
    Connection,
}

/// Alternatives, each of names of schemes that are needed together.
pub(crate) type Requirement = Vec<Vec<String>>;

/// Where an API is served.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) variables: Vec<ServerVariable>,
}

/// A part of a server's URL that the caller chooses.
pub(crate) struct ServerVariable {
    pub(crate) name: String,
    pub(crate) default: String,
    pub(crate) description: Option<String>,
    /// What it can be; empty when it can be anything.
    pub(crate) values: Vec<String>,
}

impl Spec<'_> {
    /// The document's security schemes. One that cannot be read is reported and left out.
    pub(crate) fn security_schemes(&self) -> Vec<SecurityScheme> {
        let Some(components) = self.document.get(self.document.root(), "components") else { return Vec::new() };
        let members = self.document.members(components, "securitySchemes");
        members.filter_map(|(name, node)| self.security_scheme(name, node)).collect()
    }

    fn security_scheme(&self, name: &str, node: NodeId) -> Option<SecurityScheme> {
        let at = self
            .resolve(node)
            .map_err(|problem| self.report(problem.instead("the security scheme is left out")))
            .ok()?;
        let text = |key| self.document.str_at(at, key);
        let key = || text("name").unwrap_or_default().to_owned();
        let kind = match (text("type").unwrap_or_default(), text("in").unwrap_or_default()) {
            ("apiKey", "header") => SchemeKind::Header(key()),
            ("apiKey", "query") => SchemeKind::Query(key()),
            ("apiKey", "cookie") => SchemeKind::Cookie(key()),
            ("http", _) => match text("scheme").unwrap_or_default().to_ascii_lowercase().as_str() {
                "basic" => SchemeKind::Basic,
                "bearer" => SchemeKind::Bearer,
                _ => SchemeKind::Header("Authorization".to_owned()),
            },
            ("basic", _) => SchemeKind::Basic,
            ("oauth2" | "openIdConnect", _) => SchemeKind::Bearer,
            ("mutualTLS", _) => SchemeKind::Connection,
            (other, place) => {
                let message = format!("the security scheme `{name}` is of no known kind: `{other}` in `{place}`");
                self.warn(at, message, "it is left out; send what it needs with `ClientBuilder::header`");
                return None;
            }
        };
        let description = text("description").map(str::to_owned);
        Some(SecurityScheme { name: name.to_owned(), description, kind, flows: self.flows(at) })
    }

    /// The flows that a program can go through without a user: one of each grant, the first.
    fn flows(&self, scheme: NodeId) -> Vec<Flow> {
        let mut flows: Vec<Flow> = Vec::new();
        for (name, at) in self.document.members(scheme, "flows") {
            let grant = match name {
                "clientCredentials" => Grant::ClientCredentials,
                "authorizationCode" | "password" | "deviceAuthorization" => Grant::RefreshToken,
                _ => continue,
            };
            let url = |key| self.document.str_at(at, key).map(str::trim).filter(|url| !url.is_empty());
            let refresh_url = url("refreshUrl").filter(|_| grant == Grant::RefreshToken);
            let Some(token_url) = refresh_url.or_else(|| url("tokenUrl")) else { continue };
            if flows.iter().any(|flow| flow.grant == grant) {
                continue;
            }
            let scopes = self.document.members(at, "scopes");
            let described = |node| self.document.str(node).unwrap_or_default().to_owned();
            let scopes = scopes.map(|(name, node)| (name.to_owned(), described(node))).collect();
            flows.push(Flow { grant, token_url: token_url.to_owned(), scopes });
        }
        flows
    }

    /// What the whole document requires, or an operation itself; `None` where nothing is said.
    pub(crate) fn security(&self, owner: NodeId) -> Option<Requirement> {
        let listed = self.document.get(owner, "security")?;
        let schemes = |node: &NodeId| {
            let members = self.document.object(*node).into_iter().flatten();
            members.map(|(name, _)| name.clone()).collect()
        };
        Some(self.document.array(listed).iter().map(schemes).collect())
    }

    /// The servers that the document, a path or an operation names.
    pub(crate) fn servers(&self, owner: NodeId) -> Vec<Server> {
        let listed = self.document.get(owner, "servers").map_or(&[][..], |list| self.document.array(list));
        listed.iter().filter_map(|node| self.server(*node)).collect()
    }

    fn server(&self, at: NodeId) -> Option<Server> {
        let text = |at, key| self.document.str_at(at, key).map(str::to_owned);
        let Some(url) = text(at, "url") else {
            self.warn(at, "this server has no `url`", "it is left out");
            return None;
        };
        let variables = self.document.members(at, "variables").map(|(name, at)| ServerVariable {
            name: name.to_owned(),
            // Numbers are written as they are: a port is often one.
            default: self.document.get(at, "default").map(|node| self.text_of(node)).unwrap_or_default(),
            description: text(at, "description"),
            values: self
                .document
                .get(at, "enum")
                .map_or(&[][..], |list| self.document.array(list))
                .iter()
                .map(|node| self.text_of(*node))
                .collect(),
        });
        let variables = variables.collect();
        Some(Server { url, name: text(at, "name"), description: text(at, "description"), variables })
    }

    /// A scalar as text.
    fn text_of(&self, node: NodeId) -> String {
        match self.document.value(node, &mut 1) {
            Some(serde_json::Value::String(text)) => text,
            Some(value) => value.to_string(),
            None => String::new(),
        }
    }
}

impl Server {
    /// The URL with the defaults of its variables.
    pub(crate) fn usual_url(&self) -> String {
        let fill =
            |url: String, variable: &ServerVariable| url.replace(&format!("{{{}}}", variable.name), &variable.default);
        self.variables.iter().fold(self.url.clone(), fill)
    }
}
