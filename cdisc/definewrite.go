package cdisc

import (
	"fmt"
	"strconv"
	"time"
)

// defineWriter writes one define.xml. The order of elements is that of the schema.
type defineWriter struct {
	*xmlWriter
	o        DefineOptions
	datasets []*Survey
	lists    []defineList
}

func (d *defineWriter) write() {
	o := d.o
	d.raw(`<?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>`)
	created := o.Created.UTC().Format(time.RFC3339)
	d.start("ODM", some("xmlns", "http://www.cdisc.org/ns/odm/v1.3", "xmlns:def", "http://www.cdisc.org/ns/def/v2.1", "xmlns:xlink", "http://www.w3.org/1999/xlink",
		"ODMVersion", "1.3.2", "FileType", "Snapshot", "FileOID", orElse(o.FileOID, o.StudyOID+".define."+created), "CreationDateTime", created,
		"Originator", o.Originator, "SourceSystem", o.SourceSystem, "SourceSystemVersion", o.SourceSystemVersion, "def:Context", o.Context)...)
	d.start("Study", "OID", o.StudyOID)
	d.start("GlobalVariables")
	d.text("StudyName", orElse(o.StudyName, o.StudyOID))
	d.text("StudyDescription", o.StudyDescription)
	d.text("ProtocolName", orElse(o.ProtocolName, o.StudyOID))
	d.end()
	comment := ""
	if o.Comment != "" {
		comment = commentOfAll
	}
	d.start("MetaDataVersion", some("OID", o.MetaDataVersionOID, "Name", orElse(o.MetaDataVersionName, o.MetaDataVersionOID),
		"Description", o.MetaDataVersionDescription, "def:DefineVersion", defineVersion, "def:CommentOID", comment)...)
	d.standards()
	for _, s := range d.datasets {
		d.dataset(s)
	}
	for _, s := range d.datasets {
		for i := range s.dataset.Variables {
			d.item(s, i)
		}
	}
	for _, list := range d.lists {
		d.codelist(list)
	}
	d.methods()
	d.comments()
	for range 3 {
		d.end()
	}
}

func (d *defineWriter) standards() {
	if len(d.o.Standards) == 0 {
		return
	}
	d.start("def:Standards")
	for _, s := range d.o.Standards {
		d.leaf("def:Standard", some("OID", s.OID, "Name", s.Name, "Type", s.Type, "PublishingSet", s.PublishingSet, "Version", s.Version, "Status", s.Status)...)
	}
	d.end()
}

// standard is the attribute that says which standard something follows.
func standard(oid string) (name, value string) {
	if oid == "" {
		return "def:IsNonStandard", "Yes"
	}
	return "def:StandardOID", oid
}

func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

func (d *defineWriter) dataset(s *Survey) {
	g := &s.dataset
	sasName, comment := g.Name, ""
	if !isSASName(g.Name, XPT5) {
		sasName = ""
	}
	if g.Comment != "" {
		comment = "COM." + g.Name
	}
	standardName, standardOID := standard(g.Standard)
	d.start("ItemGroupDef", some("OID", g.groupOID(), "Name", g.Name, "Repeating", yes(!g.OneRow), "IsReferenceData", yes(g.ReferenceData), "SASDatasetName", sasName,
		"Domain", g.Domain, "Purpose", orElse(g.Purpose, "Tabulation"), "def:Structure", orElse(g.Structure, "One record per row"), standardName, standardOID,
		"def:CommentOID", comment, "def:ArchiveLocationID", leafID(g))...)
	d.description(orElse(g.Label, g.Name))
	for i := range g.Variables {
		v := &g.Variables[i]
		key, method, empty := "", "", ""
		if v.Key > 0 {
			key = strconv.Itoa(v.Key)
		}
		if v.Method != "" {
			method = methodOID(g, v)
		}
		if v.HasNoData {
			empty = "Yes"
		}
		d.leaf("ItemRef", some("ItemOID", g.itemOID(v), "OrderNumber", strconv.Itoa(i+1), "Mandatory", yes(v.Mandatory), "KeySequence", key, "MethodOID", method, "def:HasNoData", empty)...)
	}
	if g.Class != "" {
		d.start("def:Class", "Name", g.Class)
		if g.SubClass != "" {
			d.leaf("def:SubClass", "Name", g.SubClass)
		}
		d.end()
	}
	file := fileName(g.Name) + d.o.Extension
	d.start("def:leaf", "ID", leafID(g), "xlink:href", file)
	d.text("def:title", file)
	d.end()
	d.end()
}

func (d *defineWriter) description(text string) {
	d.start("Description")
	d.text("TranslatedText", text, "xml:lang", "en")
	d.end()
}

// commentOfAll is no dataset's comment: those have a name behind the point.
const commentOfAll = "COM"

func leafID(g *Dataset) string { return "LF." + g.Name }

// comment is the comment on a variable. One without a value has one always: who reads the define.xml
// asks why.
func (v *Variable) comment() string {
	if v.Comment == "" && v.HasNoData {
		return "No row has a value."
	}
	return v.Comment
}

func methodOID(g *Dataset, v *Variable) string  { return "MT." + g.Name + "." + v.Name }
func commentOID(g *Dataset, v *Variable) string { return "COM." + g.Name + "." + v.Name }

func (d *defineWriter) item(s *Survey, i int) {
	g, v := &s.dataset, &s.dataset.Variables[i]
	dataType, length, significant := s.itemType(i)
	sasName, comment := v.Name, ""
	if !isSASName(v.Name, XPT5) {
		sasName = ""
	}
	if v.comment() != "" {
		comment = commentOID(g, v)
	}
	d.start("ItemDef", some("OID", g.itemOID(v), "Name", v.Name, "DataType", dataType, "Length", length, "SignificantDigits", significant,
		"SASFieldName", sasName, "def:DisplayFormat", v.Format, "def:CommentOID", comment)...)
	if v.Label != "" {
		d.description(v.Label)
	}
	if v.Codelist != nil {
		d.leaf("CodeListRef", "CodeListOID", v.Codelist.oid())
	}
	if v.Origin.Type != "" {
		d.start("def:Origin", some("Type", v.Origin.Type, "Source", v.Origin.Source)...)
		if v.Origin.Description != "" {
			d.description(v.Origin.Description)
		}
		d.end()
	}
	d.end()
}

func (d *defineWriter) codelist(l defineList) {
	name, value := standard(l.Standard)
	d.start("CodeList", some("OID", l.oid, "Name", orElse(l.Name, l.oid), "DataType", l.dataType, name, value)...)
	decoded := false
	for _, item := range l.Items {
		decoded = decoded || item.Decode != ""
	}
	if l.Dictionary != "" {
		d.leaf("ExternalCodeList", some("Dictionary", l.Dictionary, "Version", l.DictionaryVersion)...)
	}
	for i, item := range l.Items {
		order := strconv.Itoa(i + 1)
		if !decoded {
			d.leaf("EnumeratedItem", "CodedValue", item.Code, "OrderNumber", order)
			continue
		}
		d.start("CodeListItem", "CodedValue", item.Code, "OrderNumber", order)
		d.start("Decode")
		d.text("TranslatedText", orElse(item.Decode, item.Code), "xml:lang", "en")
		d.end()
		d.end()
	}
	if l.NCICode != "" {
		d.leaf("Alias", "Context", "nci:ExtCodeID", "Name", l.NCICode)
	}
	d.end()
}

func (d *defineWriter) methods() {
	for _, s := range d.datasets {
		for i := range s.dataset.Variables {
			v := &s.dataset.Variables[i]
			if v.Method == "" {
				continue
			}
			d.start("MethodDef", "OID", methodOID(&s.dataset, v), "Name", fmt.Sprintf("Derivation of %s.%s", s.dataset.Name, v.Name), "Type", "Computation")
			d.description(v.Method)
			d.end()
		}
	}
}

func (d *defineWriter) comments() {
	comment := func(oid, text string) {
		if text != "" {
			d.start("def:CommentDef", "OID", oid)
			d.description(text)
			d.end()
		}
	}
	comment(commentOfAll, d.o.Comment)
	for _, s := range d.datasets {
		comment("COM."+s.dataset.Name, s.dataset.Comment)
		for i := range s.dataset.Variables {
			comment(commentOID(&s.dataset, &s.dataset.Variables[i]), s.dataset.Variables[i].comment())
		}
	}
}
