namespace SlimtaFast.Edge.Limits;

/// <summary>What one client has used of its rates. Guarded by the lock of its <see cref="ClientTable"/>.</summary>
internal sealed class ClientUse(ClientKey key)
{
    /// <summary>Connections.</summary>
    public TokenBucket Connections;

    /// <summary>Messages.</summary>
    public TokenBucket Messages;

    /// <summary>Recipients.</summary>
    public TokenBucket Recipients;

    /// <summary>Whose it is.</summary>
    public ClientKey Key { get; } = key;
}
