//! `/console/users.csv`: everyone who matches, a line each, streamed: the size of an organization
//! costs no memory.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use directory::{
    Error, User, schemas,
    search::{self, Page as Found, PageStart, Search},
};
use futures_util::stream;
use http::{HeaderName, HeaderValue, header};

use super::{
    Managers,
    list::{Person, filter},
};
use crate::{
    console::{Visitor, me::reasons},
    error::HttpError,
};

/// Lines that are read at a time.
const PIECE: u64 = 500;
/// So that spreadsheets read the text as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const HEADINGS: &str = "id,userName,displayName,email,status,roles,role reasons,groups,managed by,\
                        external ID\r\n";

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
    (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"users.csv\"")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// `GET /console/users.csv`
pub(in crate::console) async fn download(visitor: Visitor) -> Result<Response, HttpError> {
    // What cannot be answered is told before anything is sent.
    let first = piece(&visitor, PageStart::Offset(0)).await?;
    let managers = visitor.read(Managers::read).await?;
    let begin = stream::once(async { Ok(Bytes::from(format!("{BYTE_ORDER_MARK}{HEADINGS}"))) });
    let state = (visitor, managers, Some(first));
    let lines = stream::try_unfold(state, async |(visitor, managers, piece_now)| {
        let Some((people, next)) = piece_now else { return Ok(None) };
        let text: String = people.iter().map(|person| line(person, &managers)).collect();
        let following = match next {
            None => None,
            Some(start) => Some(piece(&visitor, start).await?),
        };
        Ok(Some((Bytes::from(text), (visitor, managers, following))))
    });
    let lines = futures_util::TryStreamExt::map_err(lines, |error: HttpError| {
        std::io::Error::other(error.detail)
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(begin, lines));
    Ok((HEADERS, body).into_response())
}

/// A piece of the list, and where the next begins.
type Piece = (Vec<Person>, Option<PageStart>);

async fn piece(visitor: &Visitor, start: PageStart) -> Result<Piece, HttpError> {
    let asked = visitor.clone();
    let budget = visitor.app().limits().scan_budget;
    visitor
        .read_long(move |reader| {
            let schemas = schemas::current(reader)?;
            let filter = filter(&asked, schemas.user())?;
            let (start, base_url) = (start.clone(), String::new());
            let wanted = Search { filter, sort: None, start, count: PIECE, budget, base_url };
            let Found { total, items, next } = search::search(reader, &[schemas.user()], &wanted)?;
            let users = items.into_iter().map(User::try_from).collect::<Result<_, Error>>()?;
            let next = next.map(|position| PageStart::After { position, total });
            Ok((Person::all(reader, users)?, next))
        })
        .await
}

fn line(Person { user, groups, roles }: &Person, managers: &Managers) -> String {
    let join = |texts: Vec<String>| texts.join("; ");
    let cells = [
        user.id.to_string(),
        user.name().to_owned(),
        user.display_name().unwrap_or_default(),
        user.email().unwrap_or_default().to_owned(),
        if user.is_active() { "active" } else { "archived" }.to_owned(),
        join(roles.iter().map(|held| held.role.name.to_string()).collect()),
        join(roles.iter().map(|held| format!("{}: {}", held.role.name, reasons(held))).collect()),
        join(groups.iter().map(|group| group.display.clone()).collect()),
        managers.name(user.managed_by).unwrap_or_default(),
        user.attributes.str("externalId").unwrap_or_default().to_owned(),
    ];
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    cells.join(",") + "\r\n"
}

/// A cell, RFC 4180 §2, that no spreadsheet takes for a formula: the values come from whoever may
/// edit a profile at the provider, and an administrator opens the file.
fn quoted(cell: &str) -> String {
    let harmless = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if harmless.is_empty() && !cell.contains([',', '"', '\r', '\n']) {
        return cell.to_owned();
    }
    format!("\"{harmless}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_cell_is_text_and_nothing_else() {
        assert_eq!(quoted("Ada"), "Ada");
        assert_eq!(quoted("Lovelace, Ada"), "\"Lovelace, Ada\"");
        assert_eq!(quoted("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(quoted("=1+1"), "\"'=1+1\"");
        assert_eq!(quoted("@SUM(A1)"), "\"'@SUM(A1)\"");
    }
}
