package probe_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/imednetgo/imednet/imednettest"
	"github.com/imednetgo/imednet/rest"
	"github.com/imednetgo/imednet/workflows/probe"
)

// A server that clamps page sizes and accepts ranges in filters is examined. Another one is then made to
// behave alike.
func Example() {
	study := imednettest.Generate(imednettest.GenerateOptions{Records: 600})
	live := imednettest.NewServer(study)
	live.Configure(imednettest.Settings{ClampSize: true, RepeatAttributes: true})
	client, err := rest.New(imednettest.APIKey, imednettest.SecurityKey, rest.WithBaseURL("https://live.example.org"), rest.WithHTTPClient(&http.Client{Transport: live.Transport()}))
	if err != nil {
		log.Fatal(err)
	}

	server, err := probe.NewServerProbe(client, probe.WithPause(0))
	if err != nil {
		log.Fatal(err)
	}
	report, err := server.Examine(context.Background(), "DEMO")
	if err != nil {
		log.Fatal(err)
	}
	for _, id := range []string{"page-size-over-500", "attribute-twice", "delete-without-revision", "post-limit"} {
		point, _ := report.Point(id)
		fmt.Println(point.Question, point.Answer)
	}

	scenario, err := imednettest.ScenarioOf(report.Capabilities)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("clamps:", scenario.Settings.ClampSize, "ranges:", scenario.Settings.RepeatAttributes)
	// Output:
	// Is a page size over 500 clamped to 500? yes
	// May a filter name an attribute twice, as a range and as a list of ids? yes
	// Does a deletion leave no revision? no
	// How many items may a submission have? open
	// clamps: true ranges: true
}
