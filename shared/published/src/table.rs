use std::collections::BTreeMap;

use crate::limits::Limits;

/// A vendor's requests and objects.
#[derive(Debug, Default)]
pub struct Table {
    pub requests: Vec<Request>,
    pub objects: BTreeMap<&'static str, Vec<Member>>,
}

/// A request that the vendor takes.
#[derive(Debug)]
pub struct Request {
    pub method: &'static str,
    /// The path, in which `{id}` stands for one segment.
    pub template: &'static str,
    /// The object in its body, if it has one.
    pub body: Option<&'static str>,
    pub needs_body: bool,
    /// What the segments have to be that the template leaves open.
    pub parameters: Vec<Member>,
}

/// A member of an object, a field of a form, or a segment of a path.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub kind: &'static str,
    pub needed: bool,
    pub limits: Limits,
}

impl Table {
    /// Reads a table's text.
    pub fn read(text: &'static str) -> Self {
        let mut table = Self::default();
        let mut object = "";
        let lines = text.lines();
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let mut next = || cells.next().unwrap_or_default();
            match next() {
                "request:" => table.requests.push(Request::read(next(), next(), next())),
                "in path:" => {
                    let parameter = Member::read(next(), next(), next(), next());
                    let request = table.requests.last_mut();
                    let request = request.unwrap_or_else(|| panic!("no request before {line}"));
                    request.parameters.push(parameter);
                }
                "object:" => {
                    object = next();
                    let before = table.objects.insert(object, Vec::new());
                    assert!(before.is_none(), "{object} is there twice");
                }
                name => {
                    let member = Member::read(name, next(), next(), next());
                    let members = table.objects.get_mut(object);
                    let members = members.unwrap_or_else(|| panic!("no object before {line}"));
                    members.push(member);
                }
            }
        }
        table
    }

    /// The members of the object of this name.
    pub fn object(&self, name: &str) -> &[Member] {
        let object = self.objects.get(name);
        object.unwrap_or_else(|| panic!("no kind or object {name}"))
    }

    /// The request of this method that the path is one of.
    pub fn request(&self, method: &str, path: &str) -> Option<&Request> {
        let mut requests = self.requests.iter();
        requests.find(|it| it.method == method && it.fits(path))
    }
}

impl Request {
    fn read(method_and_path: &'static str, body: &'static str, needed: &'static str) -> Self {
        let (method, template) = method_and_path
            .split_once(' ')
            .unwrap_or_else(|| panic!("{method_and_path} is no request"));
        Self {
            method,
            template,
            body: (body != "nothing").then_some(body),
            needs_body: needed == "needed",
            parameters: Vec::new(),
        }
    }

    fn fits(&self, path: &str) -> bool {
        let (template, path) = (self.template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(expected, part)| {
                expected == part || (expected.starts_with('{') && !part.is_empty())
            })
    }
}

impl Member {
    /// Whether it is the member of this name: `metadata[*]` is one of any key that Stripe takes, of up to
    /// 40 characters (docs.stripe.com/metadata).
    pub fn is(&self, name: &str) -> bool {
        let Some(group) = self.name.strip_suffix("*]") else {
            return self.name == name;
        };
        let key = name.strip_prefix(group).and_then(|it| it.strip_suffix(']'));
        key.is_some_and(|it| (1..=40).contains(&it.len()) && !it.contains(['[', ']']))
    }

    fn read(
        name: &'static str,
        kind: &'static str,
        needed: &'static str,
        limits: &'static str,
    ) -> Self {
        assert!(
            !kind.is_empty() && ["", "needed"].contains(&needed),
            "{name}"
        );
        Self {
            name,
            kind,
            needed: needed == "needed",
            limits: Limits::read(limits),
        }
    }
}
