namespace SlimtaFast.Storage.Disk.Files;

/// <summary>Takes one file name of a directory listing; the span is valid during the call only.</summary>
internal delegate void NameVisitor(ReadOnlySpan<char> name);
