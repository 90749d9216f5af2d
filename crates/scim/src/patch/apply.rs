//! [`apply()`]: the operations of a PATCH on the tree of a resource.

use std::mem;

use super::{Op, Operation, check_name, edit::Edit, operation::remove_without_path};
use crate::{
    AttributePath, Error, Leniency, Name, Notes, Object, Path, Value, accept,
    error::{clipped, quoted, with_article},
    schema::{Attribute, Mutability, ResourceSchema, Schema, Target},
};

/// Applies the operations one after the other, RFC 7644 §3.5.2.
///
/// `resource` is the canonical tree that is stored: core attributes in their standard spelling,
/// each extension as an object under its URN, without `schemas`, `id`, `meta`, `groups`. Where an
/// operation fails, it is as it was before the first one. The members of a group are not in the
/// tree: [`super::members::lift`] comes first.
///
/// Where the RFC is silent or providers do otherwise (as far as the profile of `notes` accepts it):
///
/// * Without a path, each name in the value is read as a path: `name.givenName`, a full attribute
///   name, the URN of an extension. What only the server may change is ignored and noted there,
///   and refused where a path names it. The `id` is ignored where it is `id`.
/// * Adding or replacing values that a selector does not find creates one, where the selector
///   consists of `eq` alone: `emails[type eq "work"].value`.
/// * Removing what is not there succeeds, in every profile. A `remove` with values, on a multi-valued
///   attribute, removes these values only.
/// * Removing a sub-attribute leaves the others of its value. A value without any is gone.
/// * Passwords are accepted and never kept.
///
/// # Errors
///
/// * `invalidPath` where a path names no attribute, or has brackets where there is one value;
/// * `invalidFilter` where the selector in a path makes no sense;
/// * `mutability` where the attribute cannot be changed, or is required and would be removed;
/// * `noTarget` where a selector that is not made of `eq` finds no value to change;
/// * `invalidValue` where a value does not fit its attribute, or where the operations on
///   attributes with very many values would take too long.
pub fn apply(
    schema: &ResourceSchema,
    id: &str,
    resource: &mut Object,
    operations: Vec<Operation>,
    notes: &mut Notes,
) -> Result<(), Error> {
    let mut patch = Patch { schema, id, draft: resource.clone(), notes, comparisons: 0 };
    for operation in operations {
        patch.operation(operation)?;
    }
    *resource = settled(schema, resource, patch.draft)?;
    Ok(())
}

/// Reads the values that the operations left as those of a body are read: equal ones are one. Not
/// before all operations are done, because providers write the `type` in one and the `value` in the
/// next.
fn settled(schema: &ResourceSchema, before: &Object, draft: Object) -> Result<Object, Error> {
    let mut settled = settle(schema.core(), before, draft)?;
    let nothing = Object::new();
    for extension in schema.extensions() {
        let Some(Value::Complex(parts)) = settled.get_mut(&extension.id) else { continue };
        let old = before.get(&extension.id).and_then(Value::as_complex).unwrap_or(&nothing);
        *parts = settle(extension, old, mem::take(parts))?;
        if parts.is_empty() {
            settled.remove(&extension.id);
        }
    }
    Ok(settled)
}

/// The same for the attributes of one schema.
fn settle(schema: &Schema, before: &Object, draft: Object) -> Result<Object, Error> {
    let mut settled = Object::new();
    for (name, value) in draft {
        let attribute = schema.attribute(name.as_str()).filter(|attribute| attribute.multi_valued);
        let value = match attribute {
            Some(attribute) if before.get(name.as_str()) != Some(&value) => {
                let value = accept::attribute(attribute, value, &mut Notes::default())?;
                if value.is_none() && attribute.required {
                    return Err(without_value(attribute));
                }
                value
            }
            _ => Some(value),
        };
        if let Some(value) = value {
            settled.insert(name, value);
        }
    }
    Ok(settled)
}

/// Comparisons of values in one request: a second or two of work, whatever the selectors are. It
/// is enough to add a thousand values to a thousand ten times over.
pub(crate) const MOST_COMPARISONS: usize = 10_000_000;

/// The work in progress.
struct Patch<'a> {
    schema: &'a ResourceSchema,
    id: &'a str,
    draft: Object,
    notes: &'a mut Notes,
    /// How many so far, at most.
    comparisons: usize,
}

/// How an attribute was named: a mistake in a path is an error, while a name in a value is often
/// an echo of what the server sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    ByPath,
    InValue,
}

impl Patch<'_> {
    fn operation(&mut self, operation: Operation) -> Result<(), Error> {
        let Operation { op, path, value } = operation;
        match (path, value) {
            (Some(path), value) => self.change(op, &path, value, Named::ByPath),
            (None, _) if op == Op::Remove => Err(remove_without_path()),
            (None, Some(Value::Complex(attributes))) => attributes
                .into_iter()
                .try_for_each(|(name, value)| self.attribute_of_value(op, &name, value)),
            (None, _) => Err(Error::invalid_value(
                "An operation without a path must hold an object of attributes as its value.",
            )),
        }
    }

    /// One name in the value of an operation without a path.
    fn attribute_of_value(&mut self, op: Op, name: &Name, value: Value) -> Result<(), Error> {
        if *name == "id" {
            let is_own = value == Value::Null || value.as_str() == Some(self.id);
            return match &value {
                _ if is_own => {
                    self.notes.correct(Leniency::IdInValue, "id: it is the server's and stays")
                }
                _ => Err(Error::mutability(
                    "The id in the value is not the id of the resource, and an id never changes.",
                )),
            };
        }
        let path = Path::parse(name.as_str()).map_err(|_| self.unknown(name.as_str()))?;
        if !matches!(self.schema.resolve(&path.attribute), Some(Target::Extension(_))) {
            check_name(&path, name.as_str(), self.notes)?;
        }
        self.change(op, &path, Some(value), Named::InValue)
    }

    /// One operation on what one path names.
    fn change(
        &mut self,
        op: Op,
        path: &Path,
        value: Option<Value>,
        named: Named,
    ) -> Result<(), Error> {
        let schema = self.schema;
        let (extension, attribute, sub) = match schema.resolve(&path.attribute) {
            Some(Target::Attribute { extension, attribute, sub }) => (extension, attribute, sub),
            Some(Target::Extension(extension)) if path.selector.is_none() => {
                return self.extension(op, extension, value, named);
            }
            _ => return Err(self.unknown(&path.to_string())),
        };
        let sub = match &path.sub {
            None => sub,
            Some(name) => Some(
                attribute
                    .sub_attribute(name.as_str())
                    .ok_or_else(|| self.unknown(&path.to_string()))?,
            ),
        };
        if let Some(selector) = &path.selector {
            if !attribute.multi_valued {
                return Err(Error::invalid_path(format!(
                    "{} has one value; leave the brackets out of its path.",
                    attribute.name
                )));
            }
            selector.check_value(attribute, self.notes)?;
        }
        match sub.map_or(attribute.mutability, |sub| stricter(attribute, sub)) {
            // RFC 7643 §7: no one can read it, so nothing is kept.
            Mutability::WriteOnly => return Ok(()),
            Mutability::ReadOnly if named == Named::InValue => return self.echo(path.to_string()),
            Mutability::ReadOnly => {
                return Err(Error::mutability(format!(
                    "{} is set by the server and cannot be changed.",
                    clipped(path)
                )));
            }
            Mutability::ReadWrite | Mutability::Immutable => {}
        }
        self.edit(extension, &Edit { op, path, attribute, sub }, value)
    }

    /// An operation on a whole extension.
    fn extension(
        &mut self,
        op: Op,
        extension: &Schema,
        value: Option<Value>,
        named: Named,
    ) -> Result<(), Error> {
        match value {
            Some(Value::Complex(attributes)) if op != Op::Remove && !attributes.is_empty() => {
                attributes.into_iter().try_for_each(|(name, value)| {
                    // Some clients write an extension as a resource of its own.
                    if name == "schemas" {
                        return self.echo(format!("{}:schemas", extension.id));
                    }
                    let mut path = AttributePath::parse(name.as_str())
                        .map_err(|_| self.unknown(name.as_str()))?;
                    accept::check_name(&path, name.as_str(), self.notes)?;
                    path.schema.get_or_insert_with(|| Name::new(&extension.id));
                    self.change(op, &path.into(), Some(value), named)
                })
            }
            Some(value) if op != Op::Remove && !value.is_unassigned() => {
                Err(Error::invalid_value(format!("{} must be a JSON object.", extension.id)))
            }
            _ if op == Op::Add => Ok(()),
            _ => {
                self.draft.remove(&extension.id);
                Ok(())
            }
        }
    }

    /// Puts the new value of an attribute where the old one was.
    fn edit(
        &mut self,
        extension: Option<&Schema>,
        edit: &Edit<'_>,
        value: Option<Value>,
    ) -> Result<(), Error> {
        let name = &edit.attribute.name;
        let home = match extension {
            Some(extension) => self.draft.complex_mut(&extension.id),
            None => &mut self.draft,
        };
        let old = home.get(name);
        self.comparisons += edit.comparisons(old, value.as_ref());
        if self.comparisons > MOST_COMPARISONS {
            return Err(Error::invalid_value(
                "The request looks at too many values. Send the change in several requests.",
            ));
        }
        let new = edit.run(old.cloned(), value, self.notes)?;
        guard(edit, old, new.as_ref())?;
        match new {
            Some(value) => home.insert(name.as_str(), value),
            None => home.remove(name),
        };
        if let Some(extension) = extension
            && home.is_empty()
        {
            self.draft.remove(&extension.id);
        }
        Ok(())
    }

    /// What only the server writes stood in a value: it is left out.
    fn echo(&mut self, name: String) -> Result<(), Error> {
        let text = format!("{name}: only the server writes it");
        self.notes.correct(Leniency::ReadOnlyInValue, text)?;
        self.notes.ignore(name);
        Ok(())
    }

    fn unknown(&self, path: &str) -> Error {
        let resource = with_article(&self.schema.resource_type().name);
        Error::invalid_path(format!("{} is not an attribute of {resource}.", quoted(path)))
    }
}

/// A part cannot be changed more freely than the whole.
fn stricter(attribute: &Attribute, sub: &Attribute) -> Mutability {
    match attribute.mutability {
        Mutability::ReadOnly | Mutability::WriteOnly => attribute.mutability,
        _ => sub.mutability,
    }
}

fn without_value(attribute: &Attribute) -> Error {
    Error::invalid_value(format!("{} is required and must have a value.", attribute.name))
}

/// What the schema forbids whatever the operation is.
fn guard(edit: &Edit<'_>, old: Option<&Value>, new: Option<&Value>) -> Result<(), Error> {
    let attribute = edit.attribute;
    if attribute.required && old.is_some() && new.is_none() {
        return Err(match edit.op {
            // RFC 7644 §3.5.2.2.
            Op::Remove => Error::mutability(format!(
                "{} is required and cannot be removed; replace it.",
                attribute.name
            )),
            Op::Add | Op::Replace => without_value(attribute),
        });
    }
    if attribute.mutability == Mutability::Immutable && old.is_some() && old != new {
        return Err(Error::mutability(format!(
            "{} cannot be changed once it has a value.",
            attribute.name
        )));
    }
    Ok(())
}
