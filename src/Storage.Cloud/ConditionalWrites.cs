namespace SlimtaFast.Storage.Cloud;

/// <summary>What an object store makes of the conditions of a write.</summary>
public enum ConditionalWrites
{
    /// <summary>It ignores or refuses them.</summary>
    None,

    /// <summary>It does not create an object that is there already, but may let two writers through that come at the same moment, or cannot replace conditionally.</summary>
    CreateOnly,

    /// <summary>Of several writers that name the same condition one at most succeeds, whenever they come.</summary>
    Atomic,
}
