using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.Storage.Disk.Spool;

/// <summary>The folders of a spool, locked and kept open, and the names in them. Thread-safe until disposed.</summary>
internal sealed class SpoolFolders : IDisposable
{
    public const string EnvelopeSuffix = ".env";
    public const string StateSuffix = ".meta";
    public const string ScratchSuffix = ".part";
    public const string LockName = "slimtafast.lock";

    private readonly List<IDisposable> _held = [];
    private readonly string _envelopeFolder;
    private readonly string _stateFolder;
    private readonly string _scratchFolder;
    private readonly string _quarantineFolder;
    private long _scratchCount;

    private SpoolFolders(IFileLayer layer, SpoolSettings settings)
    {
        Layer = layer;
        _envelopeFolder = Path.GetFullPath(settings.EnvelopeFolder);
        _stateFolder = Path.GetFullPath(settings.StateFolder);
        _scratchFolder = Path.GetFullPath(settings.ScratchFolder);
        _quarantineFolder = Path.GetFullPath(settings.QuarantineFolder);
        string[] folders = [_envelopeFolder, _stateFolder, _scratchFolder, _quarantineFolder];
        try
        {
            foreach (string folder in folders)
                layer.CreateDirectory(folder);
            foreach (string folder in folders.Distinct(StringComparer.Ordinal))
                _held.Add(layer.Lock(Path.Combine(folder, LockName)));
            foreach (string folder in folders)
                CheckFileSystem(folder);
            Envelopes = Open(_envelopeFolder);
            States = _stateFolder == _envelopeFolder ? Envelopes : Open(_stateFolder);
            Quarantine = Open(_quarantineFolder);
            Scratch = Open(_scratchFolder);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The way to the disk.</summary>
    public IFileLayer Layer { get; }

    /// <summary>The folder of <c>.env</c> files.</summary>
    public IStoreDirectory Envelopes { get; }

    /// <summary>The folder of <c>.meta</c> files, perhaps the same.</summary>
    public IStoreDirectory States { get; }

    /// <summary>The folder of files that are out of use.</summary>
    public IStoreDirectory Quarantine { get; }

    /// <summary>The folder of files that are not in place yet.</summary>
    public IStoreDirectory Scratch { get; }

    /// <summary>Makes, checks and locks the folders, makes the names in them stable, and removes what a crash left in the scratch folder.</summary>
    public static SpoolFolders Open(IFileLayer layer, SpoolSettings settings)
    {
        var folders = new SpoolFolders(layer, settings);
        try
        {
            folders.MakeNamesStable();
            folders.RemoveScratch();
            return folders;
        }
        catch
        {
            folders.Dispose();
            throw;
        }
    }

    /// <summary>Where an item's envelope or a content is.</summary>
    public string EnvelopePath(QueueId name) => Path.Combine(_envelopeFolder, name + EnvelopeSuffix);

    /// <summary>Where an item's state is.</summary>
    public string StatePath(QueueId name) => Path.Combine(_stateFolder, name + StateSuffix);

    /// <summary>Where a file of this name is in the scratch folder.</summary>
    public string ScratchPath(string fileName) => Path.Combine(_scratchFolder, fileName);

    /// <summary>A new scratch file's path; each call gives another.</summary>
    public string NewScratchPath(QueueId name) =>
        Path.Combine(_scratchFolder, string.Create(CultureInfo.InvariantCulture, $"{name}.{Interlocked.Increment(ref _scratchCount)}{ScratchSuffix}"));

    /// <summary>Where a file of this name goes that is out of use; free at the time of the call.</summary>
    public string NewQuarantinePath(string fileName)
    {
        string path = Path.Combine(_quarantineFolder, fileName);
        for (int i = 1; Layer.Exists(path); i++)
            path = Path.Combine(_quarantineFolder, string.Create(CultureInfo.InvariantCulture, $"{fileName}.{i}"));
        return path;
    }

    /// <summary>The id in a file name that consists of an id and a suffix.</summary>
    public static bool TryParse(ReadOnlySpan<char> fileName, string suffix, out QueueId id)
    {
        id = default;
        return fileName.Length == QueueId.PrintedLength + suffix.Length
            && fileName.EndsWith(suffix, StringComparison.Ordinal)
            && QueueId.TryParse(fileName[..QueueId.PrintedLength], out id)
            // Upper-case digits would name the same id twice.
            && fileName[..QueueId.PrintedLength].IndexOfAnyInRange('A', 'F') < 0;
    }

    /// <summary>Lets the folders go.</summary>
    public void Dispose()
    {
        for (int i = _held.Count - 1; i >= 0; i--)
            _held[i].Dispose();
        _held.Clear();
    }

    private IStoreDirectory Open(string folder)
    {
        IStoreDirectory directory = Layer.OpenDirectory(folder);
        _held.Add(directory);
        return directory;
    }

    private void CheckFileSystem(string folder)
    {
        if (!Layer.AreOnOneFileSystem(_envelopeFolder, folder))
        {
            throw new StorageException(
                StorageFailure.Unavailable,
                $"{folder} is on another file system than {_envelopeFolder}: the spool's folders have to share one, so that files can be renamed from one to the other.");
        }
    }

    // A process that was killed between a rename and the flush of its folder leaves names that everyone sees and a power cut would still
    // take back. What a start sees is acted on, so it has to be there for good first.
    private void MakeNamesStable()
    {
        Envelopes.Flush();
        if (States != Envelopes)
            States.Flush();
    }

    // Nothing in it was ever acknowledged: what is acknowledged was renamed out of it before.
    private void RemoveScratch()
    {
        var left = new List<string>();
        Layer.List(_scratchFolder, name =>
        {
            if (name.EndsWith(ScratchSuffix, StringComparison.Ordinal) && name.Length > QueueId.PrintedLength && QueueId.TryParse(name[..QueueId.PrintedLength], out _))
                left.Add(name.ToString());
        });
        foreach (string name in left)
            Layer.Delete(Path.Combine(_scratchFolder, name));
    }
}
