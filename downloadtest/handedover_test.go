package downloadtest_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/go-downloadview/downloadview/downloadtest"
)

func TestAssertHandedOver(t *testing.T) {
	handedOver := func(more ...string) *http.Response {
		return answer(200, "", append(more, "Content-Type", "text/csv; charset=utf-8", "Content-Disposition", `attachment; filename="a.csv"`)...)
	}
	for _, tc := range []struct {
		reason string
		resp   *http.Response
		want   downloadtest.Want
		failed []string
	}{
		{"as wanted", handedOver("X-Accel-Redirect", "/protected/a.csv"), downloadtest.Want{Name: "a.csv", ContentType: "text/csv"}, nil},
		{"as wanted, of Apache", handedOver("X-Sendfile", "/protected/a.csv"), downloadtest.Want{}, nil},
		{"sent by the application", answer(200, "a,b\n"), downloadtest.Want{}, []string{
			`the answer has content of its own: "a,b\n"`,
			"not handed over: there is neither X-Accel-Redirect nor X-Sendfile (the debug log says why)",
		}},
		{"another place", handedOver("X-Accel-Redirect", "/protected/b.csv"), downloadtest.Want{}, []string{
			"place (-want +got):\n- \"/protected/a.csv\"\n+ \"/protected/b.csv\"",
		}},
		{"not a 200", answer(404, "", "X-Sendfile", "/protected/a.csv", "Content-Disposition", "attachment"), downloadtest.Want{}, []string{
			"status 404, want 200",
		}},
		{"twice", handedOver("X-Sendfile", "/protected/a.csv", "X-Accel-Redirect", "/a"), downloadtest.Want{}, []string{
			`handed over more than once: ["/a" "/protected/a.csv"]`,
		}},
		{"ranges", handedOver("X-Sendfile", "/protected/a.csv", "Accept-Ranges", "none"), downloadtest.Want{}, []string{
			`Accept-Ranges is the front server's to say: "none"`,
		}},
		{"another name and type", handedOver("X-Sendfile", "/protected/a.csv"), downloadtest.Want{Name: "b.csv", ContentType: "text/plain"}, []string{
			"name (-want +got):\n- \"b.csv\"\n+ \"a.csv\"",
			"Content-Type (-want +got):\n- \"text/plain\"\n+ \"text/csv; charset=utf-8\"",
		}},
	} {
		var r recorder
		downloadtest.AssertHandedOver(&r, tc.resp, "/protected/a.csv", tc.want)
		if diff := cmp.Diff(tc.failed, r.failures); diff != "" {
			t.Errorf("%s: failures (-want +got):\n%s", tc.reason, diff)
		}
	}
}
