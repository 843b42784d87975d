namespace SlimtaFast.Relay.Pipe;

/// <summary>Why a run came to its end.</summary>
internal enum RunEnd : byte
{
    /// <summary>The program ended by itself.</summary>
    Itself,

    /// <summary>It took too long, and was ended.</summary>
    TimedOut,

    /// <summary>The attempt was cancelled, and it was ended.</summary>
    Stopped,
}
