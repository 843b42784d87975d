namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>What happens in a step of a script.</summary>
internal enum StepKind
{
    /// <summary>Octets are sent.</summary>
    Send,

    /// <summary>A reply, or a command, has to come.</summary>
    Expect,

    /// <summary>The content of DATA has to come.</summary>
    ExpectContent,

    /// <summary>The octets of the BDAT just announced have to come.</summary>
    ExpectChunk,

    /// <summary>The other side has to close, having said nothing more.</summary>
    ExpectEnd,

    /// <summary>What follows is under TLS.</summary>
    Handshake,

    /// <summary>Our side of the connection ends; the other goes on.</summary>
    Shutdown,

    /// <summary>The connection is closed.</summary>
    Close,

    /// <summary>The connection is reset.</summary>
    Reset,
}
