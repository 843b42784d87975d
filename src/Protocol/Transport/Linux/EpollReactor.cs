using System.Net.Sockets;
using System.Runtime.InteropServices;
using SlimtaFast.Protocol.Transport.Reactors;

namespace SlimtaFast.Protocol.Transport.Linux;

/// <summary>A reactor that waits in epoll. Descriptors are registered once, edge-triggered; listening ones level-triggered.</summary>
internal sealed unsafe class EpollReactor : Reactor
{
    private const int MaxEvents = 256;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly byte* _events;
    private Slot[] _slots = new Slot[256];

    public EpollReactor(string name, CoarseClock clock, Action<Exception>? unobservedFault)
        : base(name, clock, unobservedFault)
    {
        _epoll = Errno.Throw(Libc.EpollCreate());
        _wake = Libc.EventFd();
        int added = _wake < 0 ? _wake : Libc.EpollControl(_epoll, EpollEvents.Add, _wake, EpollEvents.In | EpollEvents.EdgeTriggered, Tag(_wake, 0));
        if (added < 0)
        {
            Release(_wake);
            throw new SocketException((int)Errno.ToSocketError(-added));
        }

        _events = (byte*)NativeMemory.Alloc(MaxEvents, (nuint)EpollEvents.Size);
    }

    /// <summary>Adds a descriptor; 0 or a negated error number. On the reactor thread.</summary>
    public int Register(int descriptor, uint events, IEpollTarget target)
    {
        if (descriptor >= _slots.Length)
        {
            Array.Resize(ref _slots, Math.Max(descriptor + 1, _slots.Length * 2));
        }

        ref Slot slot = ref _slots[descriptor];
        slot.Generation++;
        slot.Target = target;
        int result = Libc.EpollControl(_epoll, EpollEvents.Add, descriptor, events, Tag(descriptor, slot.Generation));
        if (result < 0)
        {
            slot.Target = null;
        }

        return result;
    }

    /// <summary>Forgets a descriptor that is about to be closed, which takes it out of the epoll set too. On the reactor thread.</summary>
    public void Forget(int descriptor)
    {
        if (descriptor >= _slots.Length)
        {
            return;
        }

        _slots[descriptor].Target = null;

        // An event of the old descriptor may still wait in the current batch, and the number may be given out again before its turn.
        _slots[descriptor].Generation++;
    }

    /// <summary>Takes a descriptor out that stays open elsewhere. On the reactor thread.</summary>
    public void Unregister(int descriptor)
    {
        Forget(descriptor);
        Libc.EpollControl(_epoll, EpollEvents.Delete, descriptor, 0, 0);
    }

    protected override void Poll(bool mayWait)
    {
        int count = Libc.EpollWait(_epoll, _events, MaxEvents, mayWait ? -1 : 0);
        Awake();
        for (int i = 0; i < count; i++)
        {
            ulong data = EpollEvents.GetData(_events, i);
            int descriptor = (int)(uint)data;

            // The event of the wake-up descriptor is an edge and needs no read: each write is a new one.
            if (_slots.Length > descriptor && _slots[descriptor] is { Target: { } target } slot && slot.Generation == (uint)(data >> 32))
            {
                Turn(target, EpollEvents.GetBits(_events, i));
            }
        }
    }

    protected override void Wake() => Libc.Signal(_wake);

    protected override void End()
    {
        foreach (Slot slot in _slots)
        {
            slot.Target?.OnReactorEnd();
        }
    }

    protected override void Release() => Release(_wake);

    private static ulong Tag(int descriptor, uint generation) => ((ulong)generation << 32) | (uint)descriptor;

    private void Turn(IEpollTarget target, uint events)
    {
        BeginTurn();
        try
        {
            target.OnEvents(this, events);
        }
        catch (Exception exception)
        {
            Escaped(exception);
        }
    }

    private void Release(int wake)
    {
        Libc.Close(_epoll);
        if (wake >= 0)
        {
            Libc.Close(wake);
        }

        NativeMemory.Free(_events);
    }

    private struct Slot
    {
        public IEpollTarget? Target;
        public uint Generation;
    }
}
