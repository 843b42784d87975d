namespace SlimtaFast.Relay;

/// <summary>How lines end in what a program reads.</summary>
public enum PipeLineEnds
{
    /// <summary>LF alone, which programs of local delivery expect.</summary>
    Lf,

    /// <summary>CRLF, the message's own octets.</summary>
    CrLf,
}
