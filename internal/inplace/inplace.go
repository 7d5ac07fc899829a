// Package inplace reads rows where they stand in a page, so that a page is gone through once: what checks its JSON reads its
// rows. Package imednet, which knows the models, provides it without a place in its own API.
package inplace

import "github.com/imednetgo/imednet/internal/jsonscan"

// Row is what became of a row of a page.
type Row struct {
	Raw    []byte // the row, in the page's memory; nil if it was not read
	Misfit bool   // a scalar member does not fit its type
}

// Read reads the current element of a list into row, which is a pointer to a model and zero, as imednet.DecodeInto
// reads a copy of the element. The model shares no memory with the page. An element in which anything is wrong is
// not read, and neither is it passed; row is zero then. Whoever reads it by list.Value and imednet.DecodeInto learns what is wrong.
var Read func(list *jsonscan.Array, row any) Row

// NewReader returns a function that reads rows one after the other as imednet.DecodeInto does, all into row, which is a pointer to
// a model that nothing else writes to. What rows have in common is not written again, so that this takes less than reading each
// by itself.
var NewReader func(row any) func(raw []byte) error
