namespace SlimtaFast.Protocol.Session;

/// <summary>How far a dialogue has come; the columns of <see cref="DialogueTable"/>.</summary>
internal enum DialogueState : byte
{
    /// <summary>Greeted; no hello yet.</summary>
    Start,

    /// <summary>Hello said; no transaction.</summary>
    Ready,

    /// <summary>MAIL accepted; no recipient yet.</summary>
    Mail,

    /// <summary>At least one recipient accepted.</summary>
    Recipients,

    /// <summary>At least one chunk accepted, the last one still to come.</summary>
    Chunks,
}
