package cdisc

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strconv"
	"time"
)

// watched is a source whose rows somebody looks at.
type watched struct {
	Source
	look func(Row)
}

// Rows yields the rows.
func (w watched) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for row, err := range w.Source.Rows(ctx) {
			if err == nil && len(row) == len(w.Dataset().Variables) {
				w.look(row)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// problems lists what ODM cannot hold of a form.
func (d *odmWriter) problems(f *odmForm) []Problem {
	c := checker{s: f.survey, dataset: f.key}
	c.flag("", RuleDatasetName, f.key == "", "a form needs a key")
	c.xmlTexts("", "key or name", f.key, f.survey.dataset.Label)
	c.add("", RuleKey, f.noRecord, "rows without the number of a record")
	c.add("", RuleCalendar, f.beyond, "states without a time, or after the time of creation")
	for i := range f.survey.dataset.Variables {
		v, st := &f.survey.dataset.Variables[i], &f.survey.stats[i]
		c.add(v.Name, RuleType, st.Wrong, "values of another kind than the variable's")
		c.add(v.Name, RuleUTF8, st.InvalidUTF8, "texts that are not UTF-8")
		c.add(v.Name, RuleFinite, st.NotFinite, "NaN or infinite")
		c.add(v.Name, RuleCodelist, st.OffList, "values that the code list lacks")
		c.xmlTexts(v.Name, "names, labels or OIDs", v.Name, v.OID, v.Label, v.Alias)
		if v.Codelist != nil {
			c.checkCodelist(v)
		}
		if !d.o.EscapeControls || f.index.identifies(i) {
			c.add(v.Name, RuleXMLCharacter, st.XMLForbidden, "texts with a character that XML cannot hold")
		} else if st.XMLForbidden > 0 {
			d.report.Losses = append(d.report.Losses, Loss{f.key, v.Name, LossEscaped, "odm", st.XMLForbidden})
		}
	}
	return c.problems
}

// problemsOfAll lists what ODM cannot hold of the study and of all forms together.
func (d *odmWriter) problemsOfAll() []Problem {
	c := checker{dataset: allDatasets}
	c.xmlTexts("", "options", d.o.FileOID, d.o.Originator, d.o.SourceSystem, d.o.SourceSystemVersion)
	texts := []string{d.study.OID, d.study.Name, d.study.Description, d.study.ProtocolName, d.study.MetaDataVersionOID, d.study.Effective}
	for _, e := range d.study.Events {
		texts = append(texts, e.ID, e.Name)
	}
	for _, s := range d.study.Sites {
		texts = append(texts, s.ID, s.Name)
	}
	c.xmlTexts("", "names of the study, of events or of sites", texts...)
	_, more := codelists(d.surveys())
	return append(c.problems, more...)
}

// problemsOfOIDs lists the elements whose OIDs are the same.
func (d *odmWriter) problemsOfOIDs() []Problem {
	c := checker{}
	oids := uniqueOIDs{map[string]bool{}, &c}
	for _, e := range d.events {
		oids.add(allDatasets, "", eventOID(e.ID))
	}
	oids.add(allDatasets, "", commonEvent)
	for _, s := range d.sites {
		oids.add(allDatasets, "", locationOID(s.ID))
	}
	if items := d.recordItems(); len(items) > 0 {
		oids.add(allDatasets, "", recordGroup)
		for _, item := range items {
			oids.add(allDatasets, item.Name, recordOID(item.Name))
		}
	}
	for _, f := range d.forms {
		oids.add(f.key, "", "IG."+f.key)
		for _, i := range f.answers {
			oids.add(f.key, f.survey.dataset.Variables[i].Name, f.itemOID(i))
		}
	}
	return c.problems
}

func (d *odmWriter) surveys() (list []*Survey) {
	for _, f := range d.forms {
		list = append(list, f.survey)
	}
	return list
}

// identifies reports whether a variable says whose, where or by whom: such a text is not rewritten.
func (p placeIndex) identifies(i int) bool {
	return slices.Contains([]int{p.subject, p.site, p.event, p.repeat, p.user}, i)
}

// describe completes the events, sites and users that the rows name, in a fixed order.
func (d *odmWriter) describe(found odmFound) {
	d.events, d.sites = slices.Clone(d.study.Events), slices.Clone(d.study.Sites)
	for _, e := range d.events {
		delete(found.events, e.ID)
	}
	for _, s := range d.sites {
		delete(found.sites, s.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(found.events)) {
		d.events = append(d.events, ODMEvent{id, "Interval " + id})
	}
	for _, id := range slices.Sorted(maps.Keys(found.sites)) {
		d.sites = append(d.sites, ODMSite{id, "Site " + id})
	}
	if d.o.Transactional {
		delete(found.users, unknownUser) // one element for both
		d.users = append(slices.Sorted(maps.Keys(found.users)), unknownUser)
		if !slices.ContainsFunc(d.sites, func(s ODMSite) bool { return s.ID == unknownSite }) {
			d.sites = append(d.sites, ODMSite{unknownSite, "Unknown"})
		}
	}
}

// unknownUser and unknownSite stand for who and where is not known.
const unknownUser, unknownSite = "unknown", "unknown"

func locationOID(site string) string { return "L." + site }

func (d *odmWriter) head() {
	namespace, kind := "http://www.cdisc.org/ns/odm/v1.3", "Snapshot"
	if d.two {
		namespace = "http://www.cdisc.org/ns/odm/v2.0"
	}
	if d.o.Transactional {
		kind = "Transactional"
	}
	created, asOf := d.o.Created.UTC().Format(time.RFC3339), ""
	if !d.o.AsOf.IsZero() {
		asOf = d.o.AsOf.UTC().Format(time.RFC3339)
	}
	d.start("ODM", some("xmlns", namespace, "ODMVersion", d.o.Version, "FileType", kind, "Granularity", "All", "FileOID", orElse(d.o.FileOID, d.study.OID+".odm."+created),
		"CreationDateTime", created, "AsOfDateTime", asOf, "Originator", d.o.Originator, "SourceSystem", d.o.SourceSystem, "SourceSystemVersion", d.o.SourceSystemVersion)...)
	name, protocol := orElse(d.study.Name, d.study.OID), orElse(d.study.ProtocolName, d.study.OID)
	if d.two {
		d.start("Study", "OID", d.study.OID, "StudyName", name, "ProtocolName", protocol)
		d.described(orElse(d.study.Description, name))
	} else {
		d.start("Study", "OID", d.study.OID)
		d.start("GlobalVariables")
		d.text("StudyName", name)
		d.text("StudyDescription", d.study.Description)
		d.text("ProtocolName", protocol)
		d.end()
	}
	d.start("MetaDataVersion", "OID", d.study.MetaDataVersionOID, "Name", d.study.MetaDataVersionOID)
	d.eventDefs()
	d.groupDefs()
	d.itemDefs()
	d.listDefs()
	d.end()
	d.end()
	d.admin()
}

func (d *odmWriter) described(text string) {
	attributes := []string{"xml:lang", "en"}
	if d.two {
		attributes = append(attributes, "Type", "text/plain")
	}
	d.start("Description")
	d.text("TranslatedText", text, attributes...)
	d.end()
}

const commonEvent = "SE.COMMON"

func eventOID(id string) string {
	if id == "" {
		return commonEvent
	}
	return "SE." + id
}

// eventDefs describes the visits, and what belongs to none. Every form may occur in each: the tables
// do not say which may.
func (d *odmWriter) eventDefs() {
	if !d.two {
		d.start("Protocol")
		for i, e := range d.events {
			d.leaf("StudyEventRef", "StudyEventOID", eventOID(e.ID), "OrderNumber", strconv.Itoa(i+1), "Mandatory", "No")
		}
		d.leaf("StudyEventRef", "StudyEventOID", commonEvent, "OrderNumber", strconv.Itoa(len(d.events)+1), "Mandatory", "No")
		d.end()
	}
	event := func(oid, name, repeating, kind string) {
		d.start("StudyEventDef", "OID", oid, "Name", name, "Repeating", repeating, "Type", kind)
		for i, f := range d.forms {
			switch {
			case !f.subjects:
			case d.two:
				d.leaf("ItemGroupRef", "ItemGroupOID", "IG."+f.key, "OrderNumber", strconv.Itoa(i+1), "Mandatory", "No")
			default:
				d.leaf("FormRef", "FormOID", "F."+f.key, "OrderNumber", strconv.Itoa(i+1), "Mandatory", "No")
			}
		}
		d.end()
	}
	for _, e := range d.events {
		event(eventOID(e.ID), orElse(e.Name, "Interval "+e.ID), "Yes", "Scheduled")
	}
	event(commonEvent, "Outside of visits", "No", "Common")
}

// recordGroup is the group of what is about the record itself.
const recordGroup = "IG.imnRecord"

func (d *odmWriter) groupDefs() {
	if !d.two {
		for _, f := range d.forms {
			if f.subjects {
				d.start("FormDef", "OID", "F."+f.key, "Name", orElse(f.survey.dataset.Label, f.key), "Repeating", "Yes")
				d.leaf("ItemGroupRef", "ItemGroupOID", "IG."+f.key, "OrderNumber", "1", "Mandatory", "No")
				if len(f.record) > 0 {
					d.leaf("ItemGroupRef", "ItemGroupOID", recordGroup, "OrderNumber", "2", "Mandatory", "No")
				}
				d.end()
			}
		}
	}
	for _, f := range d.forms {
		if f.subjects {
			d.groupDef(f, "IG."+f.key, false)
		}
		if f.references {
			d.groupDef(f, "IGR."+f.key, true)
		}
	}
	used := func(f *odmForm) bool { return f.subjects && len(f.record) > 0 }
	if names := d.recordItems(); slices.ContainsFunc(d.forms, used) {
		repeating := "No"
		kind := []string(nil)
		if d.two {
			kind = []string{"Type", "Section"}
		}
		d.start("ItemGroupDef", append([]string{"OID", recordGroup, "Name", "Record", "Repeating", repeating}, kind...)...)
		for i, v := range names {
			d.leaf("ItemRef", "ItemOID", recordOID(v.Name), "OrderNumber", strconv.Itoa(i+1), "Mandatory", "No")
		}
		d.end()
	}
}

// groupDef describes the answers of a form. Reference data have no form: the group repeats itself,
// and has what is about the record too.
func (d *odmWriter) groupDef(f *odmForm, oid string, reference bool) {
	repeating, attributes := "No", []string{"OID", oid, "Name", orElse(f.survey.dataset.Label, f.key)}
	switch {
	case d.two:
		repeating = "Simple"
		attributes = append(attributes, "Repeating", repeating, "Type", pick(reference, "Section", "Form"))
	case reference:
		attributes = append(attributes, "Repeating", "Yes", "IsReferenceData", "Yes")
	default:
		attributes = append(attributes, "Repeating", repeating, "IsReferenceData", "No")
	}
	d.start("ItemGroupDef", attributes...)
	n := 0
	for _, i := range f.answers {
		n++
		d.leaf("ItemRef", "ItemOID", f.itemOID(i), "OrderNumber", strconv.Itoa(n), "Mandatory", "No")
	}
	switch {
	case reference:
		for _, i := range f.record {
			n++
			d.leaf("ItemRef", "ItemOID", recordOID(f.survey.dataset.Variables[i].Name), "OrderNumber", strconv.Itoa(n), "Mandatory", "No")
		}
	case d.two && len(f.record) > 0:
		d.leaf("ItemGroupRef", "ItemGroupOID", recordGroup, "OrderNumber", strconv.Itoa(n+1), "Mandatory", "No")
	}
	d.end()
}

func recordOID(name string) string { return "IT.imnRecord." + name }

func (f *odmForm) itemOID(i int) string {
	return f.survey.dataset.itemOID(&f.survey.dataset.Variables[i])
}

// odmItem is how an item is described.
type odmItem struct {
	Variable
	dataType            string
	length, significant int
}

func (f *odmForm) describeItem(i int) odmItem {
	st := &f.survey.stats[i]
	item := odmItem{Variable: f.survey.dataset.Variables[i], dataType: "text", significant: -1}
	switch item.Type {
	case WholeNumber:
		item.dataType, item.length = "integer", max(1, st.Digits)
	case Double, Decimal:
		item.dataType, item.length, item.significant = "float", max(1, st.Digits+min(st.Decimals, 1)+st.Decimals), st.Decimals
	case Date:
		item.dataType = "date"
	case Datetime:
		item.dataType = "datetime"
	case Time:
		item.dataType = "time"
	case Boolean:
		item.dataType = "boolean"
	case ISODate:
		item.dataType = orElse(st.isoType(ISODate), "text")
	}
	if item.dataType == "text" {
		item.length = max(1, st.Characters, st.XMLCharacters)
	}
	return item
}

// recordItems are the variables about the record over all forms, with what holds the values of all.
func (d *odmWriter) recordItems() (items []odmItem) {
	for _, f := range d.forms {
		for _, i := range f.record {
			item := f.describeItem(i)
			at := slices.IndexFunc(items, func(o odmItem) bool { return o.Name == item.Name })
			if at < 0 {
				items = append(items, item)
				continue
			}
			items[at].length = max(items[at].length, item.length)
		}
	}
	return items
}

func (d *odmWriter) itemDefs() {
	for _, f := range d.forms {
		for _, i := range f.answers {
			d.itemDef(f.itemOID(i), f.describeItem(i))
		}
	}
	for _, item := range d.recordItems() {
		d.itemDef(recordOID(item.Name), item)
	}
}

func (d *odmWriter) itemDef(oid string, item odmItem) {
	length, significant := "", ""
	if item.length > 0 {
		length = strconv.Itoa(item.length)
	}
	if item.significant >= 0 {
		significant = strconv.Itoa(item.significant)
	}
	if d.two {
		significant = ""
	}
	d.start("ItemDef", some("OID", oid, "Name", item.Name, "DataType", item.dataType, "Length", length, "SignificantDigits", significant)...)
	if item.Label != "" {
		d.described(item.Label)
	}
	if item.Codelist != nil {
		d.leaf("CodeListRef", "CodeListOID", item.Codelist.oid())
	}
	if item.Alias != "" {
		d.leaf("Alias", "Context", "imednet", "Name", item.Alias)
	}
	d.end()
}

func (d *odmWriter) listDefs() {
	lists, _ := codelists(d.surveys())
	for _, l := range lists {
		d.start("CodeList", "OID", l.oid, "Name", orElse(l.Name, l.oid), "DataType", l.dataType)
		switch {
		case l.Dictionary == "":
		case d.two:
			d.leaf("Coding", some("System", l.Dictionary, "SystemName", l.Dictionary, "SystemVersion", l.DictionaryVersion)...)
		default:
			d.leaf("ExternalCodeList", some("Dictionary", l.Dictionary, "Version", l.DictionaryVersion)...)
		}
		for _, item := range l.Items {
			d.start("CodeListItem", "CodedValue", item.Code)
			d.start("Decode")
			attributes := []string{"xml:lang", "en"}
			if d.two {
				attributes = append(attributes, "Type", "text/plain")
			}
			d.text("TranslatedText", orElse(item.Decode, item.Code), attributes...)
			d.end()
			d.end()
		}
		d.end()
	}
}

// admin lists the users and the sites.
func (d *odmWriter) admin() {
	if len(d.users)+len(d.sites) == 0 {
		return
	}
	d.start("AdminData", "StudyOID", d.study.OID)
	for _, user := range d.users {
		d.start("User", "OID", "U."+user)
		d.text(pick(d.two, "UserName", "LoginName"), user)
		d.end()
	}
	for _, site := range d.sites {
		d.start("Location", "OID", locationOID(site.ID), "Name", orElse(site.Name, "Site "+site.ID), pick(d.two, "Role", "LocationType"), "Site")
		d.leaf("MetaDataVersionRef", "StudyOID", d.study.OID, "MetaDataVersionOID", d.study.MetaDataVersionOID, "EffectiveDate", d.study.Effective)
		d.end()
	}
	d.end()
}
