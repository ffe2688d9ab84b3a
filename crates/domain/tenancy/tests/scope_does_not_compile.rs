//! Code that has no right to a tenant's rows does not compile.

#[test]
fn code_without_a_scope_of_the_gates_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
