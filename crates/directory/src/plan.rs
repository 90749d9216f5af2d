//! Plans: which features an organization may use.
//!
//! A plan is a name with features; an organization may have add-ons beside it. One without a plan
//! may use every feature, unless the installation names a default plan. A plan that is not defined
//! restricts nothing.

use std::collections::BTreeSet;

use crate::{
    access::Verb,
    audit::{self, kinds},
    db::statements,
    error::{Error, Noun, Rule},
    event,
    installation::{Installation, Setting, settings},
    keyword::keyword,
    name,
    organization::{self, Organization},
    store::{Reader, Writer},
};

statements! {
    SET = Sql {
        "insert into plan (name, features) values ($1, $2) \
         on conflict (name) do update set features = excluded.features"
    };
    DELETE = Sql { "delete from plan where name = $1" };
    ADD_ONS = Sql { "select feature from add_on where org = $1 order by feature" };
    ADD = Sql {
        "insert into add_on (org, feature) values ($1, $2) on conflict (org, feature) do nothing \
         returning feature"
    };
    REMOVE = Sql { "delete from add_on where org = $1 and feature = $2" };
}

keyword! {
    /// What a plan may include.
    Feature {
        /// Provisioning: SCIM 2.0 and 1.1.
        Scim = "scim",
        /// Sign-in: SAML.
        Saml = "saml",
    }
}

/// The longest name of a plan, in characters.
pub(crate) const LONGEST_NAME: usize = 100;

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// What it includes.
    pub features: Vec<Feature>,
}

/// Reads the name of a plan.
///
/// # Errors
///
/// [`Error::Invalid`] with the rule.
pub fn parse_name(text: &str) -> Result<String, Error> {
    name::parse(text, "plan", "A plan", LONGEST_NAME)
}

impl Installation {
    /// All plans, by name.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; those of the store.
    pub async fn plans(&self) -> Result<Vec<Plan>, Error> {
        self.permit(Verb::ReadPlans)?;
        let snapshot = self.store().read_catalog(settings::snapshot).await?;
        let plans = snapshot.plans.into_iter();
        Ok(plans.map(|(name, features)| Plan { name, features }).collect())
    }

    /// Makes a plan, or gives one other features. Every process knows within five seconds.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; [`Error::Invalid`]; those of the store.
    pub async fn set_plan(&self, name: &str, features: &[Feature]) -> Result<Plan, Error> {
        self.permit(Verb::ManagePlans)?;
        let name = parse_name(name)?;
        let features: Vec<Feature> =
            features.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let plan = Plan { name, features };
        let (principal, request) = self.by();
        self.store()
            .write_catalog({
                let plan = plan.clone();
                move |catalog| {
                    let names: Vec<String> =
                        plan.features.iter().map(ToString::to_string).collect();
                    catalog.execute(SET, &[(&plan.name).into(), (&names.join(" ")).into()])?;
                    let payload = kinds::PlanSet { features: names };
                    let by = (&principal, request);
                    audit::record_for_installation(catalog, by, &plan.name, payload)
                }
            })
            .await?;
        self.store().services().installation.forget();
        Ok(plan)
    }

    /// Deletes a plan that no organization has.
    ///
    /// Cost: O(organizations).
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; [`Error::NotFound`]; [`Error::Conflict`] where it is in use.
    pub async fn delete_plan(&self, name: &str) -> Result<(), Error> {
        self.permit(Verb::ManagePlans)?;
        let has_it = |found: &&(_, Organization)| found.1.plan.as_deref() == Some(name);
        let all = organization::list(self).await?;
        let bearer = all.iter().find(has_it).map(|(_, organization)| organization.slug.clone());
        let default = self.setting(Setting::DefaultPlan).await?;
        if let Some(slug) = bearer {
            return Err(Error::conflict("plan", format!("The organization {slug} has this plan.")));
        }
        if default.as_deref() == Some(name) {
            return Err(Error::conflict("plan", "It is the default plan of the installation."));
        }
        let (principal, request) = self.by();
        let name = name.to_owned();
        self.store()
            .write_catalog(move |catalog| {
                if catalog.execute(DELETE, &[(&name).into()])? == 0 {
                    return Err(Error::no_such(Noun::Plan, name.as_str()));
                }
                let by = (&principal, request);
                audit::record_for_installation(catalog, by, &name, kinds::PlanDeleted {})
            })
            .await?;
        self.store().services().installation.forget();
        Ok(())
    }
}

/// The features that the organization has beside those of its plan.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn add_ons(reader: &mut Reader<'_>) -> Result<Vec<Feature>, Error> {
    reader.permit(Verb::ReadOrganization)?;
    features_beside(reader)
}

pub(crate) fn features_beside(reader: &mut Reader<'_>) -> Result<Vec<Feature>, Error> {
    let rows = reader.query(ADD_ONS, &[])?;
    rows.into_iter().map(|mut row| row.get("feature")).collect()
}

/// Gives the organization a feature beside its plan. Answers whether it is new.
///
/// # Errors
///
/// [`Error::Denied`].
pub fn add_add_on(writer: &mut Writer<'_>, feature: Feature) -> Result<bool, Error> {
    writer.permit(Verb::ChangePlan)?;
    if writer.change(ADD, &[feature.as_str().into()])?.is_empty() {
        return Ok(false);
    }
    let organization = organization::get(writer)?;
    let payload = kinds::AddOnAdded { feature: feature.to_string() };
    audit::record(writer, &organization.id.to_string(), payload)?;
    tell(writer, &organization)?;
    Ok(true)
}

/// Takes a feature away that the organization has beside its plan.
///
/// # Errors
///
/// [`Error::NotFound`] where it has not; [`Error::Denied`].
pub fn remove_add_on(writer: &mut Writer<'_>, feature: Feature) -> Result<(), Error> {
    writer.permit(Verb::ChangePlan)?;
    if writer.execute(REMOVE, &[feature.as_str().into()])? == 0 {
        return Err(Error::no_such(Noun::AddOn, feature.as_str()));
    }
    let organization = organization::get(writer)?;
    let payload = kinds::AddOnRemoved { feature: feature.to_string() };
    audit::record(writer, &organization.id.to_string(), payload)?;
    tell(writer, &organization)
}

/// Tells what the organization is called, and what it may use from now on.
pub(crate) fn tell(writer: &mut Writer<'_>, organization: &Organization) -> Result<(), Error> {
    let add_ons = features_beside(writer)?.iter().map(ToString::to_string).collect();
    let (name, plan) = (organization.name.clone(), organization.plan.clone());
    let payload = event::kinds::OrganizationUpdated { name, plan, add_ons };
    event::emit(writer, &organization.id.to_string(), payload)
}

/// Whether an organization with this plan may use a feature.
///
/// Cost: nothing is read where the plan includes it, or there is none.
pub(crate) fn includes(
    reader: &mut Reader<'_>,
    plan: Option<&str>,
    feature: Feature,
) -> Result<bool, Error> {
    let snapshot = reader.services().installation.get(reader)?;
    let plan = plan.or_else(|| snapshot.setting(Setting::DefaultPlan));
    let features = plan.and_then(|plan| snapshot.plans.get(plan));
    if features.is_none_or(|features| features.contains(&feature)) {
        return Ok(true);
    }
    Ok(features_beside(reader)?.contains(&feature))
}

/// Makes sure that the organization may use a feature.
///
/// # Errors
///
/// [`Error::Denied`] in words for the organization's administrator.
pub fn require(reader: &mut Reader<'_>, feature: Feature) -> Result<(), Error> {
    let plan = organization::get(reader)?.plan;
    if includes(reader, plan.as_deref(), feature)? {
        return Ok(());
    }
    Err(Error::denied(Rule::NotEntitled, not_entitled(plan.as_deref(), feature)))
}

/// What an administrator reads whose organization may not use a feature.
#[must_use]
pub fn not_entitled(plan: Option<&str>, feature: Feature) -> String {
    let what = match feature {
        Feature::Scim => "user provisioning (SCIM)",
        Feature::Saml => "single sign-on (SAML)",
    };
    match plan {
        Some(plan) => format!(
            "Your plan \"{plan}\" does not include {what}. Ask the provider of this application \
             to add it."
        ),
        None => format!(
            "Your organization may not use {what}. Ask the provider of this application to add it."
        ),
    }
}
