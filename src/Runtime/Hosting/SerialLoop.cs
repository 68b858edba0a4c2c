using System.Threading.Channels;

namespace VioActors.Runtime;

/// <summary>
/// One logical thread: runs posted actions one after the other, and a pump after each burst. Bounded. Everything else
/// of the driver touches its state only from here.
/// </summary>
/// <param name="capacity">Actions that may wait; over it <see cref="TryPost"/> says no and <see cref="PostAsync"/>
/// waits.</param>
/// <param name="pump">Runs on the loop after every burst of actions.</param>
/// <param name="failed">Told once when an action throws, which is a bug; the loop has ended then.</param>
internal sealed class SerialLoop(int capacity, Action pump, Action<Exception> failed)
{
    private const int Burst = 256;

    private readonly Channel<Action> _actions = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(capacity) { SingleReader = true });
    private volatile bool _isStopped;

    public void Start(TaskScheduler scheduler) =>
        _ = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);

    /// <summary>Ends the loop; what is still waiting is dropped.</summary>
    public void Stop()
    {
        _isStopped = true;
        _actions.Writer.TryComplete();
    }

    public bool IsStopped => _isStopped;

    public bool TryPost(Action action) => _actions.Writer.TryWrite(action);

    /// <summary>Waits for room; after the loop's end it does nothing.</summary>
    public async Task PostAsync(Action action)
    {
        try
        {
            await _actions.Writer.WriteAsync(action);
        }
        catch (ChannelClosedException)
        {
            // The system is gone; whoever reports to it has nobody to report to.
        }
    }

    /// <summary>Runs an action on the loop and waits for its end. Never from the loop itself.</summary>
    public async Task RunAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(() =>
        {
            action();
            done.TrySetResult();
        });
        if (!IsStopped)
            await done.Task;
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _actions.Reader.WaitToReadAsync())
            {
                for (var i = 0; i < Burst && !IsStopped && _actions.Reader.TryRead(out var action); i++)
                    action();
                if (IsStopped)
                    return;
                pump();
            }
        }
        catch (Exception e)
        {
            // A broken invariant: going on could commit nonsense, so the system stops serving.
            Stop();
            failed(e);
        }
    }
}
