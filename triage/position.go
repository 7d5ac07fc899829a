package triage

import (
	"encoding/base64"
	"encoding/json"
)

// position is where a page of a queue ended.
type position struct {
	Order  Order  `json:"o"`
	Group  string `json:"g"`
	Time   string `json:"t"`
	ItemID string `json:"i"`
}

// String returns the opaque text that callers hand back.
func (p position) String() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic("triage: a position of four texts has no JSON form")
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parsePosition(s string) (p position, ok bool) {
	if s == "" {
		return p, true
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	return p, err == nil && json.Unmarshal(b, &p) == nil
}
