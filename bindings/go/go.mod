module github.com/keelback/keelback/bindings/go

go 1.22
