using Microsoft.Extensions.Logging;
using SlimtaFast.Lookup;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Hosting;

/// <summary>Opens the sources of lists, each address once, and closes them with the host. Thread-safe.</summary>
internal sealed class LookupSources(ServeSettings settings, TimeProvider time, ILogger<LookupSources> log) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LookupAddress, ILookup> _open = [];

    /// <summary>The source at an address.</summary>
    public ILookup Open(LookupAddress address)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(address, out ILookup? lookup))
                _open[address] = lookup = address.Open(settings.LookupSecrets, time, trouble => ServerLog.ListNotRead(log, trouble));
            return lookup;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable lookup in _open.Values.OfType<IAsyncDisposable>())
            await lookup.DisposeAsync();
    }
}
