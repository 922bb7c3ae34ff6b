use super::*;

#[test]
fn functions_are_ordered_by_name_so_that_they_are_found() {
    for family in FAMILIES {
        assert!(family.is_sorted_by(|a, b| a.name < b.name));
    }
    for name in function_names().filter(|name| !["can", "try"].contains(name)) {
        assert!(find(name).is_some(), "{name}");
    }
}
