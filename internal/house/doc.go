// Package house holds the tests that keep the tree in order: who may import whom, a comment on
// every exported name, a manual in every public package, and a compatibility table without gaps.
package house
