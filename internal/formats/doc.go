// Package formats holds the tests that keep docs/formats.md and docs/formats complete and true:
// every store is made by the library and its real schema compared with what is written there,
// both ways. What exists and is not described fails, and so does what is described and does not
// exist, or is described with another type.
package formats
