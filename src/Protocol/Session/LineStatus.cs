namespace SlimtaFast.Protocol.Session;

/// <summary>What <see cref="InputBuffer"/> found where a command line is expected.</summary>
internal enum LineStatus : byte
{
    /// <summary>A line that CRLF ends.</summary>
    Line,

    /// <summary>No line end so far.</summary>
    NeedMore,

    /// <summary>Text that ends with a bare LF, or follows one; it is consumed and must not be run.</summary>
    BareLineFeed,

    /// <summary>A line longer than allowed; it is consumed.</summary>
    TooLong,

    /// <summary>So long a line that its end is not worth waiting for.</summary>
    Endless,
}
