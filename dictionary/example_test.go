package dictionary_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/dictionary"
	"github.com/imednetgo/imednet/imednettest"
)

// folder writes the small export of this example; a program would name the folder or ZIP that it has.
func folder() string {
	dir, err := os.MkdirTemp("", "export")
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range small() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	return dir
}

func ExampleRead() {
	dir := folder()
	defer os.RemoveAll(dir)
	d, err := dictionary.Read(context.Background(), dir, dictionary.ReadOptions{StudyKey: "DEMO"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d)
	form, _ := d.Form("AE")
	severity, _ := form.Question("AESEV")
	fmt.Println(severity.Required, severity.Texts())
	choice, match, _ := severity.Choice(imednet.NewValue([]byte(`"2"`)))
	fmt.Println(choice.Text, "by", match)
	// Output:
	// 2 forms, 4 questions, 2 choices, 1 rules, 0 findings
	// Auto Query [Mild Severe]
	// Severe by code
}

func ExampleChecker_CheckData() {
	dir := folder()
	defer os.RemoveAll(dir)
	d, err := dictionary.Read(context.Background(), dir, dictionary.ReadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	checker, err := dictionary.NewChecker(d, dictionary.WithClock(imednettest.NewClock(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))))
	if err != nil {
		log.Fatal(err)
	}
	form, _ := d.Form("AE")
	data, err := imednet.NewRecordData([]byte(`{"AETERM":"Headache","AEDUR":400}`))
	if err != nil {
		log.Fatal(err)
	}
	for _, o := range checker.CheckData(form, data) {
		fmt.Println(o.Rule, "acts:", o.Acts, "refuses:", o.Refuses, "about", o.Reports)
	}
	// Output:
	// Range acts: Y refuses: true about [AEDUR]
}
