package submissions

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/shown"
)

// maxMessage bounds what is kept of a server's words about one item.
const maxMessage = 500

// shorten cuts a text between two letters.
func shorten(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// ofOne begins words that the server said about one record of a batch without saying about which.
const ofOne = "of one of these records: "

// wordsOfOne joins such words, as far as they have room.
func wordsOfOne(words []string) string {
	text := ofOne + words[0]
	for i, more := range words[1:] {
		if len(text)+len(more) > maxMessage {
			return fmt.Sprintf("%s; and %d more", text, len(words)-1-i)
		}
		text += "; " + more
	}
	return text
}

// refusal is the reason of a batch that the API refused, in words that hold no data.
func refusal(api *imednet.APIError) string {
	text := fmt.Sprintf("the server refused the whole batch with status %d", api.StatusCode)
	if code := shown.Code(api.Code); code != shown.Hidden {
		text += ", code " + code
	}
	if member := shown.Parameter(api.Attribute, nil); member != shown.Hidden {
		text += ", about " + member
	}
	return text
}

// ShowableMessage returns the server's message about the item if it certainly holds no data, that
// is, if it is one of the messages that the API is known to send. A name in it is shown if it is
// that of a variable of the item that the study's form has, or of a member of submissions; any other
// name is replaced. For any other message it returns ""; ServerMessage holds it.
func (i *Item) ShowableMessage() string {
	if i.ServerMessage == "" {
		return ""
	}
	var members struct {
		Data map[string]jsontext.Value `json:"data"`
	}
	if json.Unmarshal(i.Payload, &members) != nil {
		members.Data = nil
	}
	isVariable := func(name string) bool { return members.Data[name] != nil }
	several, shared := strings.CutPrefix(i.ServerMessage, ofOne)
	if !shared {
		words, _ := shown.Message(i.ServerMessage, isVariable)
		return words
	}
	var known []string
	for text := range strings.SplitSeq(several, "; ") {
		if words, ok := shown.Message(text, isVariable); ok {
			known = append(known, words)
		}
	}
	if len(known) == 0 {
		return ""
	}
	return ofOne + strings.Join(known, "; ")
}
