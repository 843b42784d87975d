using System.Net.Sockets;

namespace SlimtaFast.Relay.Smtp;

/// <summary>
/// Chooses the source address of each new connection: in turns by weight, spread as evenly as the weights allow, so that after any few
/// connections each address has its share. Thread-safe, by a short lock.
/// </summary>
internal sealed class SourcePool
{
    private readonly Place[] _places;
    private readonly Lock _gate = new();

    /// <summary>Chooses among these; among none it chooses none.</summary>
    public SourcePool(IReadOnlyList<SourceAddress> sources) => _places = [.. sources.Select(static source => new Place(source))];

    /// <summary>The next address for a destination of that family; null where there is none, and the system chooses.</summary>
    public SourceAddress? Take(AddressFamily family)
    {
        if (_places.Length == 0)
            return null;
        lock (_gate)
        {
            // Everyone gains its weight, and who is ahead pays the sum: three and one come out as a, a, b, a.
            Place? chosen = null;
            long sum = 0;
            foreach (Place place in _places)
            {
                if (place.Source.Address.AddressFamily != family)
                    continue;
                place.Credit += place.Source.Weight;
                sum += place.Source.Weight;
                if (chosen is null || place.Credit > chosen.Credit)
                    chosen = place;
            }

            if (chosen is not null)
                chosen.Credit -= sum;
            return chosen?.Source;
        }
    }

    private sealed class Place(SourceAddress source)
    {
        public SourceAddress Source { get; } = source;

        public long Credit { get; set; }
    }
}
