namespace SlimtaFast.TestKit.Connections;

/// <summary>What a <see cref="ScriptedConnection"/> does when its script is used up.</summary>
public enum ScriptEnd
{
    /// <summary>The client closes its side.</summary>
    Close,

    /// <summary>The client says nothing more until the deadline passes.</summary>
    Silence,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>Reads stay pending until more is fed or the read is cancelled.</summary>
    Wait,
}
