namespace SlimtaFast.TestKit.Files;

/// <summary>
/// One change of names: a file gets a name, loses one, or both at once. A flush of the target directory makes the new name stable but may
/// leave the old one; a flush of the source directory makes the whole change stable, since a journal never loses a file between two names.
/// </summary>
internal sealed class SimulatedRename
{
    private static long _count;

    private readonly SimulatedDirectory? _source;
    private readonly string _sourceName;
    private readonly SimulatedDirectory? _target;
    private readonly string _targetName;
    private readonly SimulatedNode _node;
    private bool _hasTarget;

    private SimulatedRename(SimulatedDirectory? source, string sourceName, SimulatedDirectory? target, string targetName, SimulatedNode node)
    {
        Order = Interlocked.Increment(ref _count);
        _source = source;
        _sourceName = sourceName;
        _target = target;
        _targetName = targetName;
        _node = node;
        source?.Current.Remove(sourceName);
        source?.Pending.Add(this);
        if (target is null)
            return;
        target.Current[targetName] = node;
        if (target != source)
            target.Pending.Add(this);
    }

    /// <summary>Grows with time.</summary>
    public long Order { get; }

    /// <summary>A new name.</summary>
    public static SimulatedRename Link(SimulatedDirectory directory, string name, SimulatedNode node) => new(null, "", directory, name, node);

    /// <summary>A name less.</summary>
    public static SimulatedRename Unlink(SimulatedDirectory directory, string name, SimulatedNode node) => new(directory, name, null, "", node);

    /// <summary>Another name.</summary>
    public static SimulatedRename Move(SimulatedDirectory source, string name, SimulatedDirectory target, string newName, SimulatedNode node) =>
        new(source, name, target, newName, node);

    /// <summary>Makes the whole change stable.</summary>
    public void Apply()
    {
        // The old name may since be another file's, whose own change was kept.
        if (_source is not null && _source.Stable.GetValueOrDefault(_sourceName) == _node)
            _source.Stable.Remove(_sourceName);
        Link();
    }

    /// <summary>Makes stable what a flush of a directory does.</summary>
    public void Flush(SimulatedDirectory directory)
    {
        if (directory == _source)
        {
            Apply();
            if (_target is not null && _target != _source)
                _target.Pending.Remove(this);
        }
        else
        {
            Link();
        }
    }

    // Once: the new name may have been changed again since, and flushed.
    private void Link()
    {
        if (_target is null || _hasTarget)
            return;
        _target.Stable[_targetName] = _node;
        _hasTarget = true;
    }
}
