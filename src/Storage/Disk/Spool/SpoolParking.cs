using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>
/// Makes changes of several files look like one: those that must not come alone wait under a name in the scratch folder that says for what,
/// and are put in place when that is. docs/durability.md has the steps. Thread-safe for different items.
/// </summary>
internal sealed class SpoolParking
{
    private const string Suffix = ".parked";

    private readonly SpoolFolders _folders;
    private readonly SpoolWriter _writer;
    private readonly SpoolReader _reader;

    /// <summary>Parks in the scratch folder.</summary>
    public SpoolParking(SpoolFolders folders, SpoolWriter writer, SpoolReader reader)
    {
        _folders = folders;
        _writer = writer;
        _reader = reader;
    }

    /// <summary>Parks scratch files of items until <paramref name="parent"/> is in place, for good once it returns.</summary>
    /// <param name="items">The items.</param>
    /// <param name="scratch">Their files, in the same order.</param>
    /// <param name="parent">What they wait for.</param>
    /// <param name="version">With this version of its state or a later one, or gone; null for in place at all.</param>
    /// <returns>Where they are.</returns>
    public string[] Park(IReadOnlyList<QueueItem> items, IReadOnlyList<string> scratch, QueueId parent, int? version)
    {
        string[] parked = [.. items.Select(item => _folders.ScratchPath(NameOf(item.Envelope.Id, parent, version)))];
        for (int i = 0; i < parked.Length; i++)
            _folders.Layer.Rename(scratch[i], parked[i]);
        _folders.Scratch.Flush();
        return parked;
    }

    /// <summary>Puts parked items in place, for good once it returns.</summary>
    public void Release(IReadOnlyList<QueueItem> items, IReadOnlyList<string> parked)
    {
        for (int i = 0; i < parked.Count; i++)
            _folders.Layer.Rename(parked[i], _folders.EnvelopePath(items[i].Envelope.Id));
        FlushReleased();
    }

    /// <summary>Gives parked items up.</summary>
    public void Abandon(IEnumerable<string> parked)
    {
        foreach (string path in parked)
            _writer.Abandon(path);
    }

    /// <summary>Decides on everything that a crash left parked.</summary>
    public void Recover()
    {
        var names = new List<string>();
        _folders.Layer.List(_folders.Scratch.Path, name =>
        {
            if (name.EndsWith(Suffix, StringComparison.Ordinal))
                names.Add(name.ToString());
        });
        bool any = false;
        foreach (string name in names)
        {
            if (!TryParse(name, out QueueId id, out QueueId parent, out int? version))
                continue;
            any = true;
            string path = _folders.ScratchPath(name);
            if (IsDue(parent, version))
                _folders.Layer.Rename(path, _folders.EnvelopePath(id));
            else
                _folders.Layer.Delete(path);
        }

        if (any)
            FlushReleased();
    }

    private bool IsDue(QueueId parent, int? version)
    {
        SpoolEntry entry = _reader.ReadEntry(parent, hasState: true);
        // A damaged one was in place, and will not be attempted again.
        return version is null
            ? entry.Kind != SpoolEntryKind.Missing
            : entry.Kind is SpoolEntryKind.Missing or SpoolEntryKind.Damaged || entry.Version >= version;
    }

    // The old names must not come back either: by then the items may have been delivered.
    private void FlushReleased()
    {
        _folders.Envelopes.Flush();
        _folders.Scratch.Flush();
    }

    private static string NameOf(QueueId id, QueueId parent, int? version) => version is null
        ? $"{id}.{parent}{Suffix}"
        : string.Create(CultureInfo.InvariantCulture, $"{id}.{parent}.{version}{Suffix}");

    private static bool TryParse(string name, out QueueId id, out QueueId parent, out int? version)
    {
        id = parent = default;
        version = null;
        string[] parts = name[..^Suffix.Length].Split('.');
        if (parts.Length is not (2 or 3) || !QueueId.TryParse(parts[0], out id) || !QueueId.TryParse(parts[1], out parent))
            return false;
        if (parts.Length == 2)
            return true;
        bool isNumber = int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        version = number;
        return isNumber;
    }
}
