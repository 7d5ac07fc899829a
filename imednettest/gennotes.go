package imednettest

import (
	"strconv"
	"strings"
	"time"
)

func unixTime(unix int64) time.Time { return time.Unix(unix, 0).UTC() }

// awkward lists legal recordData that naive readers lose or damage. One variety of NOTE records
// holds each; the empty one stands for a text of 20 kB.
var awkward = [...]string{
	`{}`,
	`null`,
	`{"NOTE":"says \"yes\"\nthen\ttab \\ slash \/","NOTENUM":"007"}`,
	"{\"NOTE\":\"line\u2028separator\u2029and\u0085more\",\"NOTENUM\":1.50}",
	`{"NOTE":"=1+1","NOTENUM":"-1+2","NOTEBIG":"+49 30"}`,
	`{"NOTE":"@SUM(A1)","NOTEBIG":9007199254740993,"NOTENUM":-0.0}`,
	`{"NOTEBIG":18446744073709551617,"NOTENUM":1E+2,"NOTE":"\u00e9 and \ud83d\ude00"}`,
	``,
	`{"NOTE":"upper","note":"lower","Note":"mixed"}`,
	`{"NOTE":" 5 ","NOTENUM":"1,5","NOTEFLAG":true}`,
	`{"NOTE":null,"NOTENUM":0,"NOTEFLAG":false,"NOTEDTC":""}`,
	`{"":"empty key","NOTE":"x"}`,
	`{"recordId":1,"deleted":true,"NOTE":"names of attributes","dateModified":"1999-01-01 00:00:00"}`,
	`{"UNDECLARED":"not among the variables","NOTE":"<b>html</b>"}`,
	`{"NOTEDTC":"2024","NOTE":"NA"}`,
	`{"NOTEDTC":"2024-UN-UN","NOTE":"'; DROP TABLE records; --"}`,
}

// appendNote writes the awkward form. An absent recordData is one of its varieties.
func (b recordBase) appendNote(dst []byte, i int, s saves) []byte {
	h := b.hash(7, uint64(i))
	variety := h % uint64(len(awkward)+1)
	switch {
	case s.count.data > 1: // somebody has written an ordinary note over it
		dst = append(dst, `,"recordData":{"NOTE":"corrected `...)
		dst = strconv.AppendInt(dst, s.count.data-1, 10)
		return append(dst, `x"}`...)
	case variety == uint64(len(awkward)):
		return dst
	}
	dst = append(dst, `,"recordData":`...)
	if awkward[variety] != "" {
		return append(dst, awkward[variety]...)
	}
	if h>>32%8 != 0 {
		return append(dst, `{"NOTE":"short"}`...)
	}
	dst = append(dst, `{"NOTE":"`...)
	dst = append(dst, strings.Repeat("long text 0123456789", 1000)...)
	return append(dst, `"}`...)
}
