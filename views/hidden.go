package views

import (
	"fmt"
	"io/fs"
	"net/http"
	"reflect"
	"slices"

	"github.com/go-downloadview/downloadview/response"
)

// Embedding lets a field or a method hide one of the embedded view, without a
// word from the compiler. The embedded view goes on with its own (see the one
// law of embedding), so what was meant as an override has no effect, and a check
// that it made is not made. AsView refuses such views.

// refuseHooks panics if an optional hook of v would not be called.
func refuseHooks(v DownloadView) {
	t := reflect.TypeOf(v)
	all := reflect.ValueOf(v) // v with the methods that its pointer has
	if t.Kind() != reflect.Pointer {
		all = reflect.New(t)
	}
	embedded := embeddedViews(t, nil, nil)
	hasCheck := slices.ContainsFunc(embedded, func(e embeddedView) bool { return e.typ.Implements(reflect.TypeFor[checker]()) })
	// MethodByName with constants lets the linker drop other methods.
	refuseHook[optionsGetter, func(*http.Request, fs.File) response.Options](t, "GetOptions", all.MethodByName("GetOptions"), len(embedded) > 0)
	refuseHook[errorHandler, func(http.ResponseWriter, *http.Request, error)](t, "HandleError", all.MethodByName("HandleError"), len(embedded) > 0)
	refuseHook[checker, func() error](t, "Check", all.MethodByName("Check"), hasCheck)
}

// refuseHook panics if a view of type t has a method of that name, on itself or
// on its pointer, or embeds a view that has the hook, and yet is no Hook.
func refuseHook[Hook, Func any](t reflect.Type, name string, method reflect.Value, embedded bool) {
	if t.Implements(reflect.TypeFor[Hook]()) {
		return
	}
	want := reflect.TypeFor[Func]()
	switch {
	case method.IsValid() && method.Type() == want:
		panic(fmt.Sprintf("views: AsView: %v.%s has a pointer receiver and would not be called: mount a *%[1]v", t, name))
	case method.IsValid():
		panic(fmt.Sprintf("views: AsView: %v.%s is a %v and would not be called: it must be a %v", t, name, method.Type(), want))
	case embedded:
		panic(fmt.Sprintf("views: AsView: %v has no %s that could be called, since a field hides it or two embedded structs have it: it must be a method, %v", t, name, want))
	}
}

// refuseHiding panics if something in t, or in what t embeds, hides a field of
// an embedded view. above are the types that t is embedded in.
func refuseHiding(t reflect.Type, above []reflect.Type) {
	t = pointed(t)
	if t.Kind() != reflect.Struct || isView(t) || slices.Contains(above, t) {
		return
	}
	for _, view := range embeddedViews(t, nil, nil) {
		for _, field := range reflect.VisibleFields(view.typ) {
			if field.IsExported() {
				refuseField(t, view, field)
				refuseMethod(t, view, field)
			}
		}
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			refuseHiding(f.Type, append(above, t))
		}
	}
}

// refuseField panics if t has another field of that name, in a less deep place.
// If that is one of another embedded view, its hooks are less deep as well, and
// nothing is without effect.
func refuseField(t reflect.Type, view embeddedView, field reflect.StructField) {
	found, ok := t.FieldByName(field.Name)
	if !ok || slices.Equal(found.Index, slices.Concat(view.index, field.Index)) {
		return
	}
	owner := t
	for _, i := range found.Index[:len(found.Index)-1] {
		if owner = pointed(owner.Field(i).Type); isView(owner) {
			return
		}
	}
	if found.Anonymous && isView(pointed(found.Type)) {
		return
	}
	panic(fmt.Sprintf("views: AsView: %v has a field %s, which hides that of %v and would have no effect: "+
		"leave it out and assign to the embedded one, or give it another name", owner, field.Name, view.typ))
}

// refuseMethod panics if t has a method of the field's name, or embeds something
// that has one which is of the type of the field: the latter may be as deep as
// the field, and then t has neither.
func refuseMethod(t reflect.Type, view embeddedView, field reflect.StructField) {
	owner, method := methodOwner(t, field.Name)
	if owner == nil {
		for i := range t.NumField() {
			f := t.Field(i)
			if o, m := methodOwner(f.Type, field.Name); f.Anonymous && o != nil && isFunc(m, o, field.Type) {
				owner, method = o, m
			}
		}
	}
	if owner == nil {
		return
	}
	mend := "give it another name"
	if isFunc(method, owner, field.Type) {
		mend += ", and set the field to it"
	}
	panic(fmt.Sprintf("views: AsView: %v has a method %s, which hides the field of %v and would not be called: %s",
		owner, field.Name, view.typ, mend))
}

// methodOwner returns the type that t has its method of that name from, and the
// method, or nil: t, or what it embeds.
func methodOwner(t reflect.Type, name string) (reflect.Type, reflect.Method) {
	t = pointed(t)
	method, has := methodsLikeFields(t)[name]
	if !has {
		return nil, method
	}
	for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
		if f := t.Field(i); f.Anonymous {
			if owner, m := methodOwner(f.Type, name); owner != nil {
				return owner, m
			}
		}
	}
	return t, method
}

// methodsLikeFields returns the methods of t, or of its pointer, that have the
// name of a field of a view.
func methodsLikeFields(t reflect.Type) map[string]reflect.Method {
	if t.Kind() != reflect.Interface {
		t = reflect.PointerTo(t)
	}
	found := map[string]reflect.Method{}
	look := func(method reflect.Method, has bool) {
		if has {
			found[method.Name] = method
		}
	}
	// MethodByName with constants lets the linker drop other methods.
	look(t.MethodByName("Options"))
	look(t.MethodByName("Inline"))
	look(t.MethodByName("Basename"))
	look(t.MethodByName("ContentType"))
	look(t.MethodByName("Encoding"))
	look(t.MethodByName("Redirect"))
	look(t.MethodByName("FlushInterval"))
	look(t.MethodByName("NoRanges"))
	look(t.MethodByName("NoGeneratedRanges"))
	look(t.MethodByName("WriteTimeout"))
	look(t.MethodByName("OnDone"))
	look(t.MethodByName("Root"))
	look(t.MethodByName("Dir"))
	look(t.MethodByName("Storage"))
	look(t.MethodByName("Path"))
	look(t.MethodByName("FixedPath"))
	look(t.MethodByName("Allow"))
	look(t.MethodByName("DangerouslyServeAnyPath"))
	look(t.MethodByName("URL"))
	look(t.MethodByName("Origin"))
	look(t.MethodByName("GetObject"))
	look(t.MethodByName("File"))
	look(t.MethodByName("BasenameOf"))
	look(t.MethodByName("ContentTypeOf"))
	look(t.MethodByName("EncodingOf"))
	look(t.MethodByName("SizeOf"))
	look(t.MethodByName("ModTimeOf"))
	look(t.MethodByName("ETagOf"))
	return found
}

// embeddedView is a view of this package in another struct.
type embeddedView struct {
	typ   reflect.Type
	index []int // where in the other struct
}

// embeddedViews returns the views of this package that are embedded in t, at any
// depth, but not those that these embed in turn. index is where t is; above are
// the types that t is embedded in, in case that it embeds itself.
func embeddedViews(t reflect.Type, index []int, above []reflect.Type) (found []embeddedView) {
	t = pointed(t)
	switch {
	case isView(t):
		return []embeddedView{{t, index}}
	case t.Kind() != reflect.Struct || slices.Contains(above, t):
		return nil
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.Anonymous {
			found = append(found, embeddedViews(f.Type, slices.Concat(index, []int{i}), append(above, t))...)
		}
	}
	return found
}

// isView reports whether t is a view of this package that others embed.
func isView(t reflect.Type) bool {
	base := reflect.TypeFor[BaseDownloadView]()
	if t == base || t.Kind() != reflect.Struct || t.PkgPath() != base.PkgPath() {
		return t == base
	}
	f, has := t.FieldByName(base.Name())
	return has && f.Type == base && len(f.Index) == 1
}

// pointed returns what t points to, if it is a pointer, else t.
func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// isFunc reports whether a method of owner is, without its receiver, of the
// type of a field that is a function.
func isFunc(method reflect.Method, owner, field reflect.Type) bool {
	receiver := 1
	if owner.Kind() == reflect.Interface {
		receiver = 0
	}
	m := method.Type
	if field.Kind() != reflect.Func || m.NumIn() != receiver+field.NumIn() || m.NumOut() != field.NumOut() {
		return false
	}
	for i := range field.NumIn() {
		if m.In(receiver+i) != field.In(i) {
			return false
		}
	}
	for i := range field.NumOut() {
		if m.Out(i) != field.Out(i) {
			return false
		}
	}
	return true
}
