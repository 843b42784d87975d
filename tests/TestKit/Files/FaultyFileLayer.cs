using SlimtaFast.Storage.Disk.Files;

namespace SlimtaFast.TestKit.Files;

/// <summary>
/// Puts faults between a storage and its disk. Every operation is a numbered step; <see cref="Plan"/> says what goes wrong at it. A test
/// runs once without faults to count the steps, then once for each step and fault. Thread-safe; with several threads the numbers depend
/// on their order.
/// </summary>
internal sealed class FaultyFileLayer : IFileLayer
{
    private readonly IFileLayer _inner;
    private readonly List<DiskStep> _steps = [];
    private readonly Lock _lock = new();

    /// <summary>Stands before another layer, without faults at first.</summary>
    public FaultyFileLayer(IFileLayer inner) => _inner = inner;

    /// <summary>What goes wrong at which step; called for every step, and may also block it.</summary>
    public Func<DiskStep, DiskFault> Plan { get; set; } = _ => DiskFault.None;

    /// <summary>True from a crash on: nothing works any more.</summary>
    public bool HasCrashed { get; private set; }

    /// <summary>The steps so far, in order; a copy.</summary>
    public IReadOnlyList<DiskStep> Steps
    {
        get
        {
            lock (_lock)
                return [.. _steps];
        }
    }

    /// <summary>Plans one fault at the step of a number.</summary>
    public void FailAt(int number, DiskFault fault) => Plan = step => step.Number == number ? fault : DiskFault.None;

    /// <summary>Plans a fault at every step of a kind.</summary>
    public void FailEvery(DiskStepKind kind, DiskFault fault) => Plan = step => step.Kind == kind ? fault : DiskFault.None;

    /// <summary>From now on the process counts as dead.</summary>
    public void Crash() => HasCrashed = true;

    /// <inheritdoc/>
    public IStoreFile Create(string path, bool direct = false) =>
        Run(DiskStepKind.Create, path, () => new FaultyFile(this, _inner.Create(path, direct)));

    /// <inheritdoc/>
    public IStoreFile? TryOpen(string path, bool writable, bool direct = false) =>
        Run(DiskStepKind.Open, path, () => _inner.TryOpen(path, writable, direct) is { } file ? new FaultyFile(this, file) : null);

    /// <inheritdoc/>
    public IStoreDirectory OpenDirectory(string path) =>
        Run(DiskStepKind.OpenDirectory, path, () => new FaultyDirectory(this, _inner.OpenDirectory(path)));

    /// <inheritdoc/>
    public void CreateDirectory(string path) => Run(DiskStepKind.CreateDirectory, path, () => _inner.CreateDirectory(path));

    /// <inheritdoc/>
    public void List(string directory, NameVisitor visit) => Run(DiskStepKind.List, directory, () => _inner.List(directory, visit));

    /// <inheritdoc/>
    public bool Exists(string path) => Run(DiskStepKind.Open, path, () => _inner.Exists(path));

    /// <inheritdoc/>
    public void Rename(string from, string to) => Run(DiskStepKind.Rename, to, () => _inner.Rename(from, to));

    /// <inheritdoc/>
    public bool Delete(string path) => Run(DiskStepKind.Delete, path, () => _inner.Delete(path));

    /// <inheritdoc/>
    public DiskSpace GetSpace(string directory)
    {
        ThrowIfCrashed();
        return _inner.GetSpace(directory);
    }

    /// <inheritdoc/>
    public bool AreOnOneFileSystem(string first, string second)
    {
        ThrowIfCrashed();
        return _inner.AreOnOneFileSystem(first, second);
    }

    /// <inheritdoc/>
    public IDisposable Lock(string path) => Run(DiskStepKind.Lock, path, () => _inner.Lock(path));

    /// <summary>Begins a step; returns the fault that the operation has to carry out itself, or throws it.</summary>
    internal DiskFault Begin(DiskStepKind kind, string path)
    {
        DiskStep step;
        lock (_lock)
        {
            ThrowIfCrashed();
            step = new DiskStep(_steps.Count + 1, kind, path);
            _steps.Add(step);
        }

        DiskFault fault = Plan(step);
        // The plan may have waited, and somebody else crashed meanwhile.
        ThrowIfCrashed();
        if (fault == DiskFault.CrashBefore)
            throw CrashNow();
        return fault;
    }

    /// <summary>Ends the process.</summary>
    internal CrashException CrashNow()
    {
        HasCrashed = true;
        return new CrashException();
    }

    /// <summary>Runs a step that is done or not done as a whole.</summary>
    internal void Run(DiskStepKind kind, string path, Action operation) => Run(kind, path, () =>
    {
        operation();
        return true;
    });

    /// <summary>Runs a step that is done or not done as a whole.</summary>
    internal T Run<T>(DiskStepKind kind, string path, Func<T> operation)
    {
        switch (Begin(kind, path))
        {
            case DiskFault.InputOutput:
                throw new DiskException(kind.ToString(), path, DiskError.InputOutput);
            case DiskFault.NoSpace or DiskFault.ShortWrite:
                throw new DiskException(kind.ToString(), path, DiskError.NoSpace);
            case DiskFault.CrashWithin:
                throw CrashNow();
            case DiskFault.CrashAfter:
                operation();
                throw CrashNow();
            default:
                return operation();
        }
    }

    private void ThrowIfCrashed()
    {
        if (HasCrashed)
            throw new CrashException();
    }
}
