using System.Buffers;
using System.IO.Pipes;
using Microsoft.Win32.SafeHandles;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// One of a child's two output streams. It is read until the child has ended, however much that is, so that the child never waits for us;
/// what its own children write later is not waited for. Used by one attempt.
/// </summary>
internal sealed class OutputPipe : IDisposable
{
    private const int BlockSize = 16 * 1024;

    private readonly AnonymousPipeServerStream _stream = new(PipeDirection.In, HandleInheritability.None);
    private readonly CancellationTokenSource _stop = new();
    private readonly KeptOutput _kept = new();
    private Task _reading = Task.CompletedTask;

    /// <summary>What was kept of it, once <see cref="EndAsync"/> has completed.</summary>
    public KeptOutput Kept => _kept;

    /// <summary>The child's side.</summary>
    public SafePipeHandle ChildSide => _stream.ClientSafePipeHandle;

    /// <summary>Begins to read; the child has its side by now, and ours of it is closed.</summary>
    public void Begin()
    {
        _stream.DisposeLocalCopyOfClientHandle();
        _reading = ReadAsync();
    }

    /// <summary>Reads what an ended child has left behind, and stops.</summary>
    public async ValueTask EndAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            // A child's child may go on writing: what there is room for is enough.
            while (!_kept.IsFull && Libc.CanRead(_stream.SafePipeHandle))
            {
                int read = _stream.Read(block, 0, block.Length);
                if (read == 0)
                    break;
                _kept.Add(block.AsSpan(0, read));
            }
        }
        catch (IOException)
        {
            // As in ReadAsync: the exit code counts.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            while (true)
            {
                int read = await _stream.ReadAsync(block, _stop.Token);
                if (read == 0)
                    return;
                _kept.Add(block.AsSpan(0, read));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The child has ended.
        }
        catch (IOException)
        {
            // What it said is worth less than its exit code, which must not be lost with it.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
