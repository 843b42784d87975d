namespace SlimtaFast.Storage.Disk;

/// <summary>The domains of stored items, each once, while an item has it. Not thread-safe.</summary>
internal sealed class DomainTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<(string Name, int References)> _domains = [];
    private readonly Stack<int> _free = new();

    /// <summary>Takes a reference to a domain and returns its number.</summary>
    public int Take(string name)
    {
        if (_numbers.TryGetValue(name, out int number))
        {
            _domains[number] = (_domains[number].Name, _domains[number].References + 1);
            return number;
        }

        if (_free.TryPop(out number))
        {
            _domains[number] = (name, 1);
        }
        else
        {
            number = _domains.Count;
            _domains.Add((name, 1));
        }

        _numbers.Add(name, number);
        return number;
    }

    /// <summary>Gives a reference back.</summary>
    public void Release(int number)
    {
        (string name, int references) = _domains[number];
        if (references > 1)
        {
            _domains[number] = (name, references - 1);
            return;
        }

        _domains[number] = ("", 0);
        _numbers.Remove(name);
        _free.Push(number);
    }

    /// <summary>The domain of a number.</summary>
    public string NameOf(int number) => _domains[number].Name;
}
