package main

import (
	"path/filepath"
	"strings"

	"github.com/imednetgo/imednet/pipeline"
)

// planPlace is what an output of a plan occupies.
type planPlace struct {
	out    planOutput
	path   string // without symbolic links, in lower case: file systems differ in case or not
	prefix string // of the files in a directory; "" occupies the whole of it
	file   bool
}

// checkPlaces refuses outputs that would write over one another.
func (p *studyPlan) checkPlaces(r *planReader) {
	var all []planPlace
	for _, out := range p.outputs {
		one := planPlace{out: out, path: realPlace(out.place), file: out.kind == kindWarehouse || out.kind == kindReport}
		if files, ok := out.task.(fileTask); ok {
			where, layout := files.where()
			one.prefix = strings.ToLower(where.prefix)
			if out.keep > 0 {
				one.prefix = ""
			} else {
				one.path = realPlace(pipeline.DataSetDir(where.dir, layout, out.study))
			}
		}
		if realPlace(p.path) == one.path {
			r.fail(out.line, out.kind+" "+out.name, "has the plan itself as its place")
		}
		for _, other := range all {
			if one.collides(other) {
				r.fail(out.line, out.kind+" "+out.name, "has the place of %s %s in line %d: give it a directory of its own", other.out.kind, other.out.name, other.out.line)
			}
		}
		all = append(all, one)
	}
}

// collides reports whether two outputs can meet the same files. One warehouse holds several studies.
func (a planPlace) collides(b planPlace) bool {
	switch {
	case a.file && b.file:
		return a.path == b.path && (a.out.kind != kindWarehouse || b.out.kind != kindWarehouse)
	case b.file:
		return b.collides(a)
	case a.file:
		return a.path == b.path || b.prefix == "" && below(a.path, b.path)
	case a.prefix != b.prefix && a.prefix != "" && b.prefix != "":
		return false
	}
	return a.path == b.path || below(a.path, b.path) || below(b.path, a.path)
}

// below reports whether a path is inside a directory.
func below(path, dir string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// realPlace is a path as the file system has it, as far as it exists.
func realPlace(path string) string {
	rest := ""
	for dir := path; ; {
		if found, err := filepath.EvalSymlinks(dir); err == nil {
			return strings.ToLower(filepath.Join(found, rest))
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return strings.ToLower(path)
		}
		rest, dir = filepath.Join(filepath.Base(dir), rest), parent
	}
}
