//! Modules of a crate have no circular dependencies, direct or indirect. Only parent and child may know each other.

use e2e::binaries::root;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;
use syn::{Item, UseTree};

/// A module by the names that lead to it from the root of its crate.
type Module = Vec<String>;

/// The source folders of all crates.
fn crates() -> Vec<PathBuf> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the workspace");
    let manifest: toml::Table = manifest.parse().expect("TOML");
    let members = manifest["workspace"]["members"].as_array().expect("members").iter();
    members.map(|member| root().join(member.as_str().expect("a path")).join("src")).collect()
}

/// What the modules of a crate contain.
#[derive(Default)]
struct Crate {
    modules: BTreeMap<Module, syn::File>,
}

impl Crate {
    fn read(folder: &Path) -> Self {
        let mut it = Self::default();
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder_or_file) = waiting.pop() {
            if folder_or_file.is_dir() {
                waiting
                    .extend(std::fs::read_dir(&folder_or_file).expect("read").map(|entry| entry.expect("read").path()));
            } else if folder_or_file.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&folder_or_file).expect("read");
                let relative = folder_or_file.strip_prefix(folder).expect("inside").with_extension("");
                let mut names: Module = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
                if matches!(names.last().map(String::as_str), Some("mod" | "lib" | "main")) {
                    names.pop();
                }
                // Tests may look at everything.
                if !names.iter().any(|name| name == "tests" || name.ends_with("_tests") || name == "bin") {
                    it.modules.insert(names, syn::parse_file(&text).expect("Rust"));
                }
            }
        }
        it
    }

    /// The modules that each one names.
    fn arrows(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let of = |(module, file): (_, &syn::File)| {
            let mut paths = Paths::default();
            file.items.iter().filter(|item| !is_test(item)).for_each(|item| paths.visit_item(item));
            let named = paths.0.iter().filter_map(|path| self.resolve(module, path, 0));
            (module, named.filter(|other| !is_kin(module, other)).collect())
        };
        self.modules.iter().map(of).collect()
    }

    /// The module in which what a path names is at home.
    fn resolve(&self, from: &Module, path: &[String], depth: usize) -> Option<Module> {
        let (first, mut rest) = path.split_first()?;
        let mut at: Module = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            name => {
                let child: Module = from.iter().cloned().chain([name.to_owned()]).collect();
                self.modules.contains_key(&child).then_some(())?;
                child
            }
        };
        while let Some((name, after)) = rest.split_first() {
            if name == "super" {
                at.pop()?;
            } else {
                let child: Module = at.iter().cloned().chain([name.clone()]).collect();
                if !self.modules.contains_key(&child) {
                    break;
                }
                at = child;
            }
            rest = after;
        }
        // What a parent only hands on is at home where it takes it from.
        match rest.first() {
            Some(name) if depth < 4 => {
                let home = self.handed_on(&at, name).and_then(|path| self.resolve(&at, &path, depth + 1));
                Some(home.unwrap_or(at))
            }
            _ => Some(at),
        }
    }

    /// The path under which a module takes a name from one of its children.
    fn handed_on(&self, module: &Module, name: &str) -> Option<Vec<String>> {
        let uses = self.modules.get(module)?.items.iter().filter_map(|item| match item {
            Item::Use(it) => Some(&it.tree),
            _ => None,
        });
        let mut all = Vec::new();
        uses.for_each(|tree| unfold(tree, &mut Vec::new(), &mut all));
        let from_child = |path: &Vec<String>| {
            let child: Module = module.iter().cloned().chain(path.first().cloned()).collect();
            path.len() > 1 && path.last().is_some_and(|last| last == name) && self.modules.contains_key(&child)
        };
        all.into_iter().find(from_child)
    }
}

/// Every path that begins inside the crate.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl<'a> Visit<'a> for Paths {
    fn visit_item_use(&mut self, it: &'a syn::ItemUse) {
        unfold(&it.tree, &mut Vec::new(), &mut self.0);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_item(&mut self, item: &'a Item) {
        if !is_test(item) {
            syn::visit::visit_item(self, item);
        }
    }
}

fn unfold(tree: &UseTree, before: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
    let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
    match tree {
        UseTree::Path(it) => {
            before.push(it.ident.to_string());
            unfold(&it.tree, before, all);
            before.pop();
        }
        UseTree::Name(it) => all.push(with(it.ident.to_string())),
        UseTree::Rename(it) => all.push(with(it.ident.to_string())),
        UseTree::Glob(_) => all.push(before.clone()),
        UseTree::Group(it) => it.items.iter().for_each(|tree| unfold(tree, before, all)),
    }
}

fn is_test(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(it) => &it.attrs,
        Item::Use(it) => &it.attrs,
        Item::Fn(it) => &it.attrs,
        Item::Impl(it) => &it.attrs,
        _ => return false,
    };
    attributes.iter().any(|it| it.path().is_ident("cfg") && quote_of(it).contains("test"))
}

fn quote_of(attribute: &syn::Attribute) -> String {
    match &attribute.meta {
        syn::Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    }
}

/// Whether one of two modules lies within the other.
fn is_kin(one: &Module, other: &Module) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Modules that can be reached from each other.
fn circles(arrows: &BTreeMap<&Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let reach = |from: &Module| {
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = waiting.pop() {
            for next in arrows.get(&module).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
        }
        seen
    };
    let reaches: BTreeMap<Module, BTreeSet<Module>> =
        arrows.keys().map(|module| ((*module).clone(), reach(module))).collect();
    let mut found: BTreeSet<Vec<Module>> = BTreeSet::new();
    for (module, reached) in reaches.iter().filter(|(module, reached)| reached.contains(*module)) {
        let circle = reached.iter().filter(|other| reaches.get(*other).is_some_and(|back| back.contains(module)));
        found.insert(circle.cloned().collect());
    }
    found.into_iter().collect()
}

#[test]
fn no_module_needs_another_that_needs_it_back() {
    let mut told = String::new();
    for folder in crates() {
        let it = Crate::read(&folder);
        let arrows = it.arrows();
        for circle in circles(&arrows) {
            let inside = |module: &&Module| circle.contains(*module);
            told += &format!("\n{}:\n", folder.display());
            for module in circle.iter() {
                let into: Vec<String> = arrows[module].iter().filter(inside).map(|it| it.join("::")).collect();
                told += &format!("  {} -> {}\n", module.join("::"), into.join(", "));
            }
        }
    }
    assert!(told.is_empty(), "modules need each other:{told}");
}
