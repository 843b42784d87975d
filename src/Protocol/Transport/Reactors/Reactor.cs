namespace SlimtaFast.Protocol.Transport.Reactors;

/// <summary>
/// A thread that serves connections: it waits for events, runs the session code that they wake, and runs what other threads post to it.
/// Everything that touches a socket happens on this thread, so that no socket is closed under a call that uses it and connections need
/// no locks. <see cref="Post"/> and <see cref="StopAsync"/> are thread-safe; the rest belongs to the thread itself.
/// </summary>
internal abstract class Reactor
{
    /// <summary>
    /// System calls that one connection may make before the others get their turn: a peer that sends without pause would otherwise
    /// keep its session reading for ever.
    /// </summary>
    private const int TurnBudget = 16;

    [ThreadStatic]
    private static Reactor? _current;

    private readonly Lock _gate = new();
    private readonly Queue<WorkItem> _local = new(64);
    private readonly Action<Exception>? _unobservedFault;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private WorkItem[] _posted = new WorkItem[64];
    private WorkItem[] _batch = new WorkItem[64];
    private volatile int _postedCount;
    private int _asleep;
    private int _tickPosted;
    private int _connections;
    private volatile bool _stopping;
    private bool _stopped;

    protected Reactor(string name, CoarseClock clock, Action<Exception>? unobservedFault)
    {
        Clock = clock;
        Blocks = new BlockPool(this);
        Deadlines = new DeadlineWheel(clock);
        Context = new ReactorSynchronizationContext(this);
        _unobservedFault = unobservedFault;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>The reactor whose thread this is, or null.</summary>
    public static Reactor? Current => _current;

    /// <summary>True on this reactor's own thread.</summary>
    public bool IsCurrent => ReferenceEquals(_current, this);

    public CoarseClock Clock { get; }

    public BlockPool Blocks { get; }

    public DeadlineWheel Deadlines { get; }

    public ReactorSynchronizationContext Context { get; }

    /// <summary>Connections that live here; other threads read it to choose the least loaded reactor.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>What is left of the turn's system calls.</summary>
    public int Budget { get; set; }

    /// <summary>Counts a connection as soon as it is given to this reactor. From any thread.</summary>
    public void AddConnection() => Interlocked.Increment(ref _connections);

    /// <summary>Counts a connection out.</summary>
    public void RemoveConnection() => Interlocked.Decrement(ref _connections);

    public void Start() => _thread.UnsafeStart();

    /// <summary>Runs a call on the reactor thread, after the events and calls that are waiting already.</summary>
    public void Post(Action<object?> callback, object? state) => Enqueue(new WorkItem(callback, state));

    /// <summary>The same for what a synchronization context is given.</summary>
    public void PostCallback(SendOrPostCallback callback, object? state) => Enqueue(new WorkItem(callback, state));

    /// <summary>Posts the once-a-second work where there is any. Called by the clock's thread.</summary>
    public void PostTick()
    {
        if ((Deadlines.Count > 0 || Blocks.HasIdle) && Interlocked.Exchange(ref _tickPosted, 1) == 0)
        {
            Post(static state => ((Reactor)state!).Tick(), this);
        }
    }

    /// <summary>Stops the thread after the work that is waiting; the task ends with it.</summary>
    public Task StopAsync()
    {
        Post(static state => ((Reactor)state!)._stopping = true, this);
        return _ended.Task;
    }

    /// <summary>Hands an exception that nobody awaits to the owner.</summary>
    public void Report(Exception exception)
    {
        if (_unobservedFault is { } report)
        {
            report(exception);
        }
    }

    /// <summary>Gives the turn to a connection or a call.</summary>
    public void BeginTurn() => Budget = TurnBudget;

    /// <summary>Waits for events where <paramref name="mayWait"/> is set, and in any case runs what they wake.</summary>
    protected abstract void Poll(bool mayWait);

    /// <summary>Ends a waiting <see cref="Poll"/> from another thread.</summary>
    protected abstract void Wake();

    /// <summary>Ends what still lives on this reactor.</summary>
    protected abstract void End();

    /// <summary>Frees the thread's own handles after its end.</summary>
    protected abstract void Release();

    /// <summary>To be called by <see cref="Poll"/> when its wait is over, so that posts do not wake a thread that is awake.</summary>
    protected void Awake() => _asleep = 0;

    /// <summary>For what session code lets escape on the reactor's stack, which only an async void method can.</summary>
    protected void Escaped(Exception exception)
    {
        if (_unobservedFault is null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static fault => throw new InvalidOperationException("Code on a reactor failed.", fault), exception, preferLocal: false);
            return;
        }

        _unobservedFault(exception);
    }

    private void Enqueue(WorkItem item)
    {
        if (IsCurrent)
        {
            _local.Enqueue(item);
            return;
        }

        bool stopped;
        lock (_gate)
        {
            stopped = _stopped;
            if (!stopped)
            {
                if (_postedCount == _posted.Length)
                {
                    Array.Resize(ref _posted, _posted.Length * 2);
                }

                _posted[_postedCount] = item;
                _postedCount++;
            }
        }

        if (stopped)
        {
            // Code that waited for something else when the transport was disposed must still come to its end.
            ThreadPool.UnsafeQueueUserWorkItem(static late => late.Run(), item, preferLocal: false);
        }
        else if (Interlocked.CompareExchange(ref _asleep, 0, 1) == 1)
        {
            Wake();
        }
    }

    private void Run()
    {
        _current = this;
        SynchronizationContext.SetSynchronizationContext(Context);
        do
        {
            RunPosted();
            Poll(mayWait: FallAsleep());
        }
        while (!_stopping);

        End();
        do
        {
            RunPosted();
        }
        while (!Close());

        Release();
        _ended.SetResult();
    }

    private bool FallAsleep()
    {
        if (_local.Count > 0 || _stopping)
        {
            return false;
        }

        // A post between this and the wait either sees the flag and wakes us, or is seen here.
        Interlocked.Exchange(ref _asleep, 1);
        if (_postedCount == 0)
        {
            return true;
        }

        _asleep = 0;
        return false;
    }

    private void RunPosted()
    {
        // Only what is here now: what it adds waits until events had their turn.
        int count = _local.Count;
        for (int i = 0; i < count; i++)
        {
            RunTurn(_local.Dequeue());
        }

        if (_postedCount == 0)
        {
            return;
        }

        WorkItem[] batch;
        lock (_gate)
        {
            count = _postedCount;
            batch = _posted;
            _posted = _batch;
            _batch = batch;
            _postedCount = 0;
        }

        for (int i = 0; i < count; i++)
        {
            RunTurn(batch[i]);
        }

        Array.Clear(batch, 0, count);
    }

    private void RunTurn(WorkItem item)
    {
        BeginTurn();
        try
        {
            item.Run();
        }
        catch (Exception exception)
        {
            Escaped(exception);
        }
    }

    private bool Close()
    {
        lock (_gate)
        {
            _stopped = _postedCount == 0 && _local.Count == 0;
            return _stopped;
        }
    }

    private void Tick()
    {
        Volatile.Write(ref _tickPosted, 0);
        Deadlines.Sweep();
        Blocks.ReleaseIdle();
    }
}
