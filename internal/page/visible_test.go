package page_test

import (
	"bytes"
	"html/template"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/imednetgo/imednet/internal/page"
)

// Texts of a study bring no controls into a page, in whichever place they stand.
func TestPagesHaveNoControls(t *testing.T) {
	layout := template.Must(template.New("").Parse("<p title=\"{{.}}\">{{.}}</p>\n\t<script>const x = {{.}}</script>\r\n"))
	for text, want := range map[string]string{
		"a\x00b\x1b[31m\x7f": "a·b·[31m·", // the template writes U+FFFD for the first byte
		"left\u202eright":    "left\u202eright",
		"a\u0085b":           "a·b",
		"größe ≥ 5\u200d":    "größe ≥ 5\u200d",
	} {
		var b bytes.Buffer
		require.NoError(t, page.Execute(&b, layout, text))
		written := bytes.ReplaceAll(b.Bytes(), []byte("\uFFFD"), []byte("·"))
		require.Contains(t, string(written), "\">"+want+"</p>\n\t<script>")
		for _, r := range b.String() {
			require.True(t, r == '\n' || r == '\t' || r == '\r' || r >= ' ' && r != 0x7f && r != 0x85, "%q", text)
		}
	}
}
