package response

import "context"

// link is a function that middleware has put into a context, and the functions
// that were in it before.
type link[F any] struct {
	f     F
	outer *link[F]
}

type linkKey[F any] struct{}

func withLink[F any](ctx context.Context, f F) context.Context {
	return context.WithValue(ctx, linkKey[F]{}, &link[F]{f, linkOf[F](ctx)})
}

// withoutLinks returns a context that has none of the functions of ctx.
func withoutLinks[F any](ctx context.Context) context.Context {
	return context.WithValue(ctx, linkKey[F]{}, (*link[F])(nil))
}

// linkOf returns the innermost function of ctx, or nil.
func linkOf[F any](ctx context.Context) *link[F] {
	l, _ := ctx.Value(linkKey[F]{}).(*link[F])
	return l
}
