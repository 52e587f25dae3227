//! Reads `[store]`.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::keys::Table;
use super::origins::{Origin, Origins};
use super::problem::{Place, Problem, Wrong};
use super::store::{Cluster, ServerUrl, StoreBackend, StoreSettings, Tenant};
use super::tree::{Reader, Value};

impl StoreSettings {
    /// Takes over what one file says.
    pub(super) fn read<'i>(&mut self, reader: &mut Reader<'i>, value: Value<'_, 'i>) {
        let Some(tree) = reader.table("store", value) else {
            return;
        };
        reader.check_keys(Table::Store, tree);
        if let Some(value) = tree.get("backend") {
            let word = reader.word("backend", value, StoreBackend::ALL, StoreBackend::as_str);
            set(&mut self.backend, word);
        }
        if let Some(value) = tree.get("urls") {
            set(&mut self.urls, urls(reader, value));
        }
        if let Some(value) = tree.get("tenant") {
            set(&mut self.tenant, tenant_of(reader, value));
        }
        if let Some(value) = tree.get("cluster") {
            self.clusters.extend(clusters(reader, value));
        }
        set(&mut self.ca, path(reader, tree, "ca"));
        set(&mut self.certificate, path(reader, tree, "certificate"));
        set(&mut self.key, path(reader, tree, "key"));
        for (key, most, setting) in [
            ("connect_within", 5, &mut self.connect_within),
            ("answer_within", 5, &mut self.answer_within),
            ("connections", 64, &mut self.connections),
        ] {
            if let Some(value) = tree.get(key) {
                set(setting, reader.number(key, value, 1..=most));
            }
        }
    }

    /// What is wrong with it as a whole, once all files are read.
    pub(super) fn check(&self, origins: &Origins) -> Option<Problem> {
        if self.backend == StoreBackend::Embedded || !self.servers().is_empty() {
            return None;
        }
        let Origin { file, line } = origins.of_key("store.backend")?.clone();
        let place = Some(Place { line, column: 1 });
        let tenant = self.tenant.clone();
        let wrong = Wrong::NoServers { tenant };
        Some(Problem { file, place, wrong })
    }
}

/// Written as `[[store.cluster]]` tables.
fn clusters<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Vec<Cluster> {
    let Some(array) = value.get_ref().as_array() else {
        let found = value.get_ref().type_str();
        let wanted = "tables, each headed [[store.cluster]]";
        let key = "cluster";
        reader.report(value.span(), Wrong::Type { key, wanted, found });
        return Vec::new();
    };
    array
        .iter()
        .filter_map(|item| {
            let tree = reader.table("cluster", item)?;
            reader.check_keys(Table::Cluster, tree);
            let tenants = tree
                .get("tenants")
                .and_then(|value| full_list(reader, "tenants", value, tenant));
            let servers = tree.get("urls").and_then(|value| urls(reader, value));
            for key in ["tenants", "urls"] {
                if !tree.contains_key(key) {
                    reader.report(item.span(), Wrong::ClusterWithout { key });
                }
            }
            Some(Cluster {
                tenants: tenants?,
                urls: servers?,
            })
        })
        .collect()
}

fn urls<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Option<Vec<ServerUrl>> {
    full_list(reader, "urls", value, |url| {
        ServerUrl::parse(url).map_err(Wrong::Server)
    })
}

fn full_list<'i, T>(
    reader: &mut Reader<'i>,
    key: &'static str,
    value: Value<'_, 'i>,
    meaning: fn(&str) -> Result<T, Wrong>,
) -> Option<Vec<T>> {
    if value.get_ref().as_array().is_some_and(|it| it.is_empty()) {
        reader.report(value.span(), Wrong::NothingListed { key });
        return None;
    }
    reader.list(key, value, meaning)
}

fn tenant(name: &str) -> Result<Tenant, Wrong> {
    Tenant::parse(name).map_err(|_| Wrong::Tenant)
}

fn tenant_of<'i>(reader: &mut Reader<'i>, value: Value<'_, 'i>) -> Option<Tenant> {
    let name = reader.text("tenant", value)?;
    tenant(name)
        .map_err(|wrong| reader.report(value.span(), wrong))
        .ok()
}

fn path<'i>(reader: &mut Reader<'i>, tree: &DeTable<'i>, key: &'static str) -> Option<PathBuf> {
    let value = tree.get(key)?;
    let path = Path::new(reader.text(key, value)?);
    if path.is_absolute() {
        return Some(path.to_owned());
    }
    reader.report(value.span(), Wrong::RelativePath { key });
    None
}

fn set<T>(key: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *key = value;
    }
}
