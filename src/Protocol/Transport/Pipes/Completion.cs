using System.Diagnostics;
using System.Threading.Tasks.Sources;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Pipes;

/// <summary>
/// The state of a value task source that a reactor completes. Unlike the framework's it runs a continuation that belongs to the
/// reactor at once, on the reactor's stack, instead of posting it: one read wakes one session with no queue in between. Continuations
/// of other threads go to where they were captured. A field of its owner, never copied.
/// </summary>
internal struct Completion
{
    private static readonly Action<object?> Signalled = static _ => throw new UnreachableException();

    private Action<object?>? _continuation;
    private object? _state;
    private object? _target;
    private ExecutionContext? _context;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellationToken;
    private int _cancelVersion;
    private short _version;
    private bool _done;

    /// <summary>The operation in progress or done last.</summary>
    public readonly short Version => _version;

    /// <summary>The token of the operation.</summary>
    public readonly CancellationToken CancellationToken => _cancellationToken;

    /// <summary>True once the operation is complete; checks that the caller means this one.</summary>
    public readonly bool IsDone(short version)
    {
        if (version != _version)
        {
            throw new InvalidOperationException("The value task was awaited already.");
        }

        return Volatile.Read(in _done);
    }

    /// <summary>Starts an operation.</summary>
    public void Begin()
    {
        _version++;
        _continuation = null;
        _state = null;
        _target = null;
        _context = null;
        _done = false;
    }

    /// <summary>Lets a token cancel the operation. To be called by the thread that starts the operation, after it was started.</summary>
    public void Register(Action<object?> cancel, object owner, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(cancel, owner);
    }

    /// <summary>Notes that the token of the operation in progress fired.</summary>
    public void NoteCancellation() => Volatile.Write(ref _cancelVersion, _version);

    /// <summary>True where the operation in progress is the one whose token fired, not one before it.</summary>
    public readonly bool IsCancellationDue => Volatile.Read(in _cancelVersion) == _version && _cancellationToken.IsCancellationRequested;

    /// <summary>The awaiting side: where to go on.</summary>
    public void OnCompleted(Action<object?> continuation, object? state, short version, ValueTaskSourceOnCompletedFlags flags, Reactor reactor)
    {
        IsDone(version);
        if ((flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0)
        {
            _context = ExecutionContext.Capture();
        }

        _state = state;
        _target = Capture(flags, reactor);
        Action<object?>? earlier = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (earlier is null)
        {
            return;
        }

        if (!ReferenceEquals(earlier, Signalled))
        {
            throw new InvalidOperationException("The value task is awaited twice.");
        }

        Schedule(continuation);
    }

    /// <summary>The completing side.</summary>
    /// <param name="inline">True where the reactor's own continuation may run within this call.</param>
    public void Signal(bool inline)
    {
        Volatile.Write(ref _done, true);
        Action<object?>? continuation = Interlocked.CompareExchange(ref _continuation, Signalled, null);
        if (continuation is null)
        {
            return;
        }

        if (inline && _context is null && _target is Reactor { IsCurrent: true })
        {
            continuation(_state);
        }
        else
        {
            Schedule(continuation);
        }
    }

    /// <summary>Ends the operation on the awaiting side.</summary>
    public void End(short version)
    {
        if (!IsDone(version))
        {
            throw new InvalidOperationException("The operation is not complete.");
        }

        // After this call no callback of this operation runs any more. Most have no token, and then it costs a comparison.
        _registration.Dispose();
        _registration = default;
        _continuation = null;
        _state = null;
    }

    private static object? Capture(ValueTaskSourceOnCompletedFlags flags, Reactor reactor)
    {
        if ((flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0)
        {
            if (SynchronizationContext.Current is { } context)
            {
                return ReferenceEquals(context, reactor.Context) ? reactor : context;
            }

            if (TaskScheduler.Current != TaskScheduler.Default)
            {
                return TaskScheduler.Current;
            }
        }

        return reactor.IsCurrent ? reactor : null;
    }

    private readonly void Schedule(Action<object?> continuation)
    {
        object? state = _state;
        if (_context is { } executionContext)
        {
            (Action<object?> inner, object? innerState) = (continuation, state);
            continuation = _ => ExecutionContext.Run(executionContext, s => inner(s), innerState);
            state = null;
        }

        switch (_target)
        {
            case Reactor reactor:
                reactor.Post(continuation, state);
                break;
            case SynchronizationContext context:
                context.Post(new SendOrPostCallback(continuation), state);
                break;
            case TaskScheduler scheduler:
                Task.Factory.StartNew(continuation, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
                break;
            default:
                ThreadPool.UnsafeQueueUserWorkItem(continuation, state, preferLocal: false);
                break;
        }
    }
}
