package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/cache"
	"github.com/imednetgo/imednet/pipeline"
	"github.com/imednetgo/imednet/workflows/report"
)

// studyPlan is what a plan file says: which studies to mirror and what to make of them.
type studyPlan struct {
	path      string // of the file, absolute
	name      string
	every     time.Duration // 0: whenever it is asked for
	cadence   string        // every, as it is written
	onDesign  string        // what to do when a design has changed: designContinue or designPause
	studies   []string
	mirror    string // the file; "" is the one of the settings
	sync      cache.SyncOptions
	recordsOf bool // nothing but the records
	outputs   []planOutput
}

// planOutput is one thing that a plan makes of a study.
type planOutput struct {
	kind, name, study string
	place             string // directory or file
	line              int
	cut               string // the data cut that it is made of; "" is the newest state
	keep              int    // data sets to keep, one for each version; 0: one that is replaced
	task              planTask
}

// The kinds of output.
const (
	kindExport    = "export"
	kindExtract   = "extract"
	kindWarehouse = "warehouse"
	kindReport    = "report"
)

// readStudyPlan reads a plan, which must be sound as a whole. It reads no other file.
func readStudyPlan(path string) (*studyPlan, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, usagef("the plan %s is not a regular file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	r := &planReader{file: path, dir: filepath.Dir(absolute)}
	p := &studyPlan{path: absolute}
	if root := r.document(text); r.err == nil {
		p.read(r, root)
	}
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// planName is what a plan and its outputs may be called: it stands in manifests and tables.
var planName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func (r *planReader) name(to *string) reading {
	return func(n *yaml.Node, at string) {
		r.text(to)(n, at)
		if r.err == nil && !planName.MatchString(n.Value) {
			r.fail(n.Line, at, "must be letters, digits, points, hyphens and underscores, at most 64")
		}
	}
}

func (p *studyPlan) read(r *planReader, root *yaml.Node) {
	lines := r.object(root, "", map[string]reading{
		"name": r.name(&p.name), "every": r.age(&p.every, &p.cadence), "studies": r.texts(&p.studies),
		"onDesignChange": r.choice(&p.onDesign, designPause, designContinue),
		"mirror":         func(n *yaml.Node, at string) { p.readMirror(r, n, at) },
		"exports":        r.list(func(n *yaml.Node, at string) { p.readExport(r, n, at) }),
		"extracts":       r.list(func(n *yaml.Node, at string) { p.readExtract(r, n, at) }),
		"warehouse":      func(n *yaml.Node, at string) { p.readWarehouse(r, n, at) },
		"report":         func(n *yaml.Node, at string) { p.readReports(r, n, at) },
	})
	for _, needed := range []string{"name", "studies"} {
		if lines[needed] == 0 {
			r.fail(max(1, root.Line), needed, "is missing")
		}
	}
	if p.pauses() && !p.mirrorsDesign() {
		r.fail(lines["onDesignChange"], "onDesignChange", "pause needs %s in mirror.resources", joined(designResources))
	}
	for i := range p.outputs {
		p.settleStudy(r, &p.outputs[i])
	}
	p.expandWarehouse()
	p.checkNames(r)
	p.checkPlaces(r)
}

func (p *studyPlan) readMirror(r *planReader, n *yaml.Node, at string) {
	r.object(n, at, map[string]reading{
		"cache": r.place(&p.mirror), "sweep": r.flag(&p.sync.Sweep),
		"resources": func(n *yaml.Node, at string) { p.readResources(r, n, at) },
	})
}

// readResources reads which resources to mirror beside the records: all, none or a list.
func (p *studyPlan) readResources(r *planReader, n *yaml.Node, at string) {
	if n.Kind == yaml.ScalarNode {
		var word string
		r.choice(&word, "all", "none")(n, at)
		p.recordsOf = word == "none"
		return
	}
	var names []string
	r.texts(&names)(n, at)
	for i, name := range names {
		if known := cache.MirroredResources(); !slices.Contains(known, imednet.Resource(name)) {
			r.fail(n.Content[i].Line, fmt.Sprintf("%s[%d]", at, i), "must be one of %s", joined(known))
		}
		p.sync.Resources = append(p.sync.Resources, imednet.Resource(name))
	}
}

func joined[T ~string](words []T) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return strings.Join(all, ", ")
}

// readFiles are the members that say where and how tables become files.
func (r *planReader) readFiles(o *fileOptions, out *planOutput, prefix string) map[string]reading {
	*o = fileOptions{format: string(pipeline.Parquet), prefix: prefix, fileRows: pipeline.DefaultFileRows}
	return map[string]reading{
		"name": r.name(&out.name), "study": r.text(&out.study), "dir": r.place(&o.dir), "cut": r.text(&out.cut), "keep": r.count(&out.keep),
		"format": r.choice(&o.format, string(pipeline.Parquet), string(pipeline.CSV), string(pipeline.NDJSON)),
		"prefix": r.prefix(&o.prefix), "fileRows": r.count(&o.fileRows), "noFormulaGuard": r.flag(&o.noGuard),
	}
}

// prefix is a beginning of file names that package pipeline takes.
func (r *planReader) prefix(to *string) reading {
	return func(n *yaml.Node, at string) {
		r.text(to)(n, at)
		if _, err := pipeline.ReadManifest(r.dir, n.Value); r.err == nil && errors.As(err, new(*imednet.ValidationError)) {
			r.fail(n.Line, at, "cannot begin the names of files")
		}
	}
}

func (p *studyPlan) readExport(r *planReader, n *yaml.Node, at string) {
	out := planOutput{kind: kindExport, line: n.Line}
	task := &exportTask{options: exportOptions{layout: string(pipeline.PerForm)}}
	o := &task.options
	var where *yaml.Node
	members := r.readFiles(&o.files, &out, pipeline.DefaultPrefix)
	for name, read := range map[string]reading{
		"layout": r.choice(&o.layout, string(pipeline.PerForm), string(pipeline.Wide), string(pipeline.Hive), string(pipeline.HivePerForm)),
		"strict": r.flag(&o.strict), "forms": r.texts(&o.records.forms), "variables": r.texts(&o.records.variables),
		"visit": r.text(&o.records.visit), "site": r.text(&o.records.of.site), "subject": r.text(&o.records.of.subject),
		"where": func(n *yaml.Node, at string) { where = n; r.texts(&o.records.where)(n, at) }, "text": r.flag(&o.records.text), "includeDeleted": r.flag(&o.records.deleted),
		"labels": r.flag(&o.records.labels), "columnsOf": r.place(&o.records.plan), "inferTypes": r.flag(&o.records.infer),
		"extraColumns": r.flag(&o.records.extra), "deidentify": func(n *yaml.Node, at string) { r.deidentify(o, n, at) },
	} {
		members[name] = read
	}
	lines := r.object(n, at, members)
	r.need(n, at, lines, "name", "dir")
	r.conditions(where, memberOf(at, "where"), o.records)
	if o.records.plan != "" && (o.records.infer || o.records.extra) {
		r.fail(lines["columnsOf"], memberOf(at, "columnsOf"), "excludes inferTypes and extraColumns")
	}
	out.place, out.task = o.files.dir, task
	p.outputs = append(p.outputs, out)
}

// need refuses an object without some of its members.
func (r *planReader) need(n *yaml.Node, at string, lines map[string]int, names ...string) {
	for _, name := range names {
		if lines[name] == 0 {
			r.fail(n.Line, memberOf(at, name), "is missing")
		}
	}
}

// conditions refuses conditions on answers that an export refuses. They are read once it is known whether all values are
// text.
func (r *planReader) conditions(n *yaml.Node, at string, s exportSelection) {
	for i := range s.where {
		if r.err != nil {
			return
		}
		line, at := n.Content[i].Line, fmt.Sprintf("%s[%d]", at, i)
		filter, err := parseDataFilter(s.where[i:i+1], s.text)
		if err != nil {
			r.fail(line, at, "must be VARIABLE==value without quotes around the value; also !=, <, <=, >, >=, =~, and 'VARIABLE is blank' or 'is not blank'")
		} else if err = filter.ValidateAnswers(); err != nil {
			r.fail(line, at, "is refused: %s", strings.TrimPrefix(err.Error(), "imednet: invalid recordDataFilter: "))
		}
	}
}

func (r *planReader) deidentify(o *exportOptions, n *yaml.Node, at string) {
	lines := r.object(n, at, map[string]reading{
		"keyFile": r.place(&o.keyFile), "phi": r.texts(&o.phi), "freeText": r.texts(&o.text), "ages": r.texts(&o.ages)})
	r.need(n, at, lines, "keyFile")
}

func (p *studyPlan) readExtract(r *planReader, n *yaml.Node, at string) {
	out := planOutput{kind: kindExtract, line: n.Line}
	task := &extractTask{}
	members := r.readFiles(&task.files, &out, canonicalPrefix)
	members["configuration"] = r.place(&task.options.file)
	members["configurationCommit"] = r.text(&task.options.commit)
	members["includeDeleted"] = r.flag(&task.options.deleted)
	lines := r.object(n, at, members)
	r.need(n, at, lines, "name", "dir")
	if (lines["configuration"] > 0) == (lines["configurationCommit"] > 0) {
		r.fail(n.Line, at, "must have either configuration or configurationCommit")
	}
	out.place, out.task = task.files.dir, task
	p.outputs = append(p.outputs, out)
}

func (p *studyPlan) readWarehouse(r *planReader, n *yaml.Node, at string) {
	out := planOutput{kind: kindWarehouse, name: "warehouse", line: n.Line}
	task := &warehouseTask{}
	lines := r.object(n, at, map[string]reading{
		"db": r.place(&task.db.path), "silver": r.flag(&task.silver), "freeze": r.flag(&task.freeze),
		"memoryLimit": r.text(&task.db.memory), "tempDir": r.place(&task.db.temp)})
	r.need(n, at, lines, "db")
	if task.freeze && !task.silver {
		r.fail(lines["freeze"], memberOf(at, "freeze"), "needs silver: true")
	}
	out.place, out.task = task.db.path, task
	p.outputs = append(p.outputs, out)
}

// readReports reads one report, or a list of those of several studies.
func (p *studyPlan) readReports(r *planReader, n *yaml.Node, at string) {
	read := func(n *yaml.Node, at string) { p.readReport(r, n, at) }
	if n.Kind == yaml.SequenceNode {
		read = r.list(read)
	}
	read(n, at)
}

func (p *studyPlan) readReport(r *planReader, n *yaml.Node, at string) {
	out := planOutput{kind: kindReport, name: "report", line: n.Line}
	task := &reportTask{reportOptions{build: report.Options{GroupSize: report.DefaultGroupSize, LateDays: report.DefaultLateDays,
		OverdueDays: report.DefaultOverdueDays, MaxRows: report.DefaultMaxRows}}}
	o := &task.options
	lines := r.object(n, at, map[string]reading{
		"name": r.name(&out.name), "study": r.text(&out.study), "file": r.place(&out.place), "cut": r.text(&out.cut), "showValues": r.flag(&o.build.ShowValues),
		"groupSize": r.count(&o.build.GroupSize), "lateDays": r.count(&o.build.LateDays), "overdueDays": r.count(&o.build.OverdueDays),
		"maxRows": r.count(&o.build.MaxRows), "dictionary": r.dictionary(&o.dictionary), "configuration": r.place(&o.configuration),
		"aeForms": r.texts(&o.forms), "aeSeverity": r.text(&o.severity), "aeSerious": r.text(&o.serious)})
	r.need(n, at, lines, "file")
	if len(o.forms) > 0 && o.configuration != "" {
		r.fail(lines["aeForms"], memberOf(at, "aeForms"), "excludes configuration")
	}
	if len(o.forms) == 0 && o.severity+o.serious != "" {
		r.fail(n.Line, at, "needs aeForms with aeSeverity and aeSerious")
	}
	out.task = task
	p.outputs = append(p.outputs, out)
}

// settleStudy gives an output without a study the only one there is.
func (p *studyPlan) settleStudy(r *planReader, out *planOutput) {
	switch {
	case out.kind == kindWarehouse || r.err != nil:
	case out.study == "" && len(p.studies) > 1:
		r.fail(out.line, out.kind+" "+out.name, "needs study: the plan has %d studies", len(p.studies))
	case out.study == "":
		out.study = p.studies[0]
	case !slices.Contains(p.studies, out.study):
		r.fail(out.line, out.kind+" "+out.name, "has a study that is not among studies")
	}
}

// expandWarehouse makes one output of each study in the warehouse.
func (p *studyPlan) expandWarehouse() {
	var all []planOutput
	for _, out := range p.outputs {
		if out.kind != kindWarehouse {
			all = append(all, out)
			continue
		}
		for _, study := range p.studies {
			out.study = study
			all = append(all, out)
		}
	}
	rank := map[string]int{kindExport: 0, kindExtract: 1, kindWarehouse: 2, kindReport: 3}
	slices.SortStableFunc(all, func(a, b planOutput) int { return cmp.Compare(rank[a.kind], rank[b.kind]) })
	p.outputs = all
}

// checkNames refuses two outputs of one name: a name is how manifests and tables tell them apart.
func (p *studyPlan) checkNames(r *planReader) {
	lines := map[string]int{}
	for _, out := range p.outputs {
		if out.kind == kindWarehouse {
			continue
		}
		if before := lines[out.name]; before > 0 {
			r.fail(out.line, out.kind+" "+out.name, "has the name of the output in line %d", before)
		}
		lines[out.name] = out.line
	}
}
