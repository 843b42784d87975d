namespace SlimtaFast.Queue.Scheduling;

/// <summary>The domains of all items as small numbers, counted, so that a name is forgotten with its last item. Not thread-safe.</summary>
internal sealed class DomainTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Stack<int> _free = new();
    private (string Name, int Items)[] _domains = new (string, int)[16];
    private int _used;

    /// <summary>Domains that have items.</summary>
    public int Count => _numbers.Count;

    /// <summary>The name behind a number.</summary>
    public string this[int number] => _domains[number].Name;

    /// <summary>Counts one more item of a domain and tells its number.</summary>
    public int Acquire(string name)
    {
        if (!_numbers.TryGetValue(name, out int number))
        {
            number = _free.Count > 0 ? _free.Pop() : _used++;
            if (number == _domains.Length)
                Array.Resize(ref _domains, number * 2);
            _domains[number] = (name, 0);
            _numbers.Add(name, number);
        }

        _domains[number].Items++;
        return number;
    }

    /// <summary>Counts one item less.</summary>
    public void Release(int number)
    {
        ref (string Name, int Items) domain = ref _domains[number];
        if (--domain.Items > 0)
            return;
        _numbers.Remove(domain.Name);
        domain = ("", 0);
        _free.Push(number);
    }
}
