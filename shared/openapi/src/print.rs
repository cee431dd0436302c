//! The document as text: what fits on a line stands on one, so that a change of a declaration is a
//! change of few lines.

use serde_json::Value;

/// The most characters of a line, where it can be broken.
const WIDTH: usize = 120;
const INDENT: usize = 2;

/// The JSON text of a value, with a line break at its end.
pub fn print(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, 0, &mut text);
    text.push('\n');
    text
}

/// Writes a value into a line that is indented by `indent` and has `taken` characters already.
fn write(value: &Value, indent: usize, taken: usize, text: &mut String) {
    let line = on_one_line(value);
    if taken + line.len() <= WIDTH {
        text.push_str(&line);
        return;
    }
    let inner = indent + INDENT;
    match value {
        Value::Object(members) => {
            text.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                break_line(at, inner, text);
                let name = format!("{}: ", Value::from(name.as_str()));
                text.push_str(&name);
                write(value, inner, inner + name.len() + 1, text);
            }
            break_line(0, indent, text);
            text.push('}');
        }
        Value::Array(items) if items.iter().all(is_scalar) => {
            text.push('[');
            fill(items, inner, text);
            break_line(0, indent, text);
            text.push(']');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                break_line(at, inner, text);
                write(item, inner, inner + 1, text);
            }
            break_line(0, indent, text);
            text.push(']');
        }
        _ => text.push_str(&line),
    }
}

/// Writes as many items into each line as it takes.
fn fill(items: &[Value], indent: usize, text: &mut String) {
    let mut taken = WIDTH;
    for (at, item) in items.iter().enumerate() {
        let item = item.to_string();
        if taken + item.len() + 2 > WIDTH {
            break_line(at, indent, text);
            taken = indent;
        } else {
            text.push_str(", ");
            taken += 2;
        }
        text.push_str(&item);
        taken += item.len();
    }
}

fn break_line(at: usize, indent: usize, text: &mut String) {
    if at > 0 {
        text.push(',');
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
}

const fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

fn on_one_line(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members = members
                .iter()
                .map(|(name, value)| {
                    format!("{}: {}", Value::from(name.as_str()), on_one_line(value))
                })
                .collect::<Vec<_>>();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(on_one_line).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits_stands_on_one_line() {
        let value = json!({ "a": [1, { "b": "c" }], "d": {} });
        assert_eq!(
            print(&value),
            "{ \"a\": [1, { \"b\": \"c\" }], \"d\": {} }\n"
        );
    }

    #[test]
    fn nothing_is_lost_and_lines_are_of_their_width() {
        let names: Vec<_> = (0..90).map(|at| format!("name_{at}")).collect();
        let value = json!({ "names": names, "each": [{ "x": names }, null], "last": 1 });
        let text = print(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert!(text.lines().count() < 40, "{text}");
    }
}
