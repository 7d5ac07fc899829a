// Package imednettest is an iMednet EDC server in memory, for tests: ours and those of programs
// that use this library. It serves generated studies, or a directory of NDJSON, as an
// http.Handler and as an imednet.Client without a network; the study can be edited while
// clients read it, and requests can be made to fail in every way that a network knows.
package imednettest
