using System.Net.WebSockets;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Server.Agents;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>
/// The connection to one server: connect, say hello, serve its requests; again and again, with jittered pauses.
/// </summary>
internal sealed class ServerLink(string server, AgentServices services, Random random)
{
    private const double FirstPauseMs = 100;
    private const double LongestPauseMs = 2000;
    private const int MaxOpenRequests = 2048;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TelemetryInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var pause = FirstPauseMs;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(() => pause = FirstPauseMs, cancel);
                services.Log.Lost(server, "the server closed it");
            }
            catch (Exception broken) when (broken is WebSocketException or HttpRequestException or BadFrameException
                or IOException or RefusedByServerException or Actors.Host.Agent.HypervisorException
                || (broken is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                services.Log.Lost(server, broken.GetBaseException().Message.TrimEnd('.'));
            }
            await Task.Delay(TimeSpan.FromMilliseconds(pause * (0.5 + (random.NextDouble() / 2))), services.Clock,
                cancel);
            pause = Math.Min(pause * 2, LongestPauseMs);
        }
    }

    private async Task ServeAsync(Action welcomed, CancellationToken cancel)
    {
        // Before the hello looks at the nodes, so that no end falls between the two.
        using var ended = new EndedNodes(services);
        // Before the connection: libvirt may take its time, and a server waits only 10 s for a hello.
        var hello = await services.HelloAsync(cancel);
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = AgentLimits.Ping;
        socket.Options.KeepAliveTimeout = AgentLimits.PingAnswer;
        using (var late = new CancellationTokenSource(ConnectLimit, services.Clock))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token))
            await socket.ConnectAsync(new Uri($"wss://{server}/fabric/agent"), services.Http.Invoker, both.Token);
        var frames = new FrameSocket(socket, services.Clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await frames.SendAsync(
            hello with { Now = services.Clock.GetUtcNow(), Seen = services.Mark.Highest }, ending.Token);
        Welcome(await frames.ReadAsync(ending.Token));
        welcomed();
        var telling = Task.WhenAll(TellAsync(frames, ending.Token), TellEndedAsync(ended, frames, ending.Token));
        var waits = new RequestWaits();
        try
        {
            while (await frames.ReadAsync(ending.Token) is { } frame)
                Take(frame, frames, waits, ending.Token);
        }
        finally
        {
            await ending.CancelAsync();
            await telling;
            await frames.CloseAsync(WebSocketCloseStatus.NormalClosure, "the agent ends this connection");
        }
    }

    private void Welcome(AgentFrame? first)
    {
        if (first is not ServerHello hello)
            throw new RefusedByServerException("it did not answer the hello");
        if (hello.Refused is { } refused)
            throw new RefusedByServerException(refused.ToString());
        if (hello.Version < VersionRange.Ours.Lowest || hello.Version > VersionRange.Ours.Highest)
            throw new RefusedByServerException(
                $"it chose protocol version {hello.Version}, which this build does not speak");
        services.Learn(hello.Servers);
        if (hello.Store is { } mark) services.Mark.Raise(mark);
        services.Log.Connected(server, hello.Build);
    }

    private void Take(AgentFrame frame, FrameSocket frames, RequestWaits waits, CancellationToken cancel)
    {
        switch (frame)
        {
            case AgentRequest request when waits.Count < MaxOpenRequests:
                _ = AnswerAsync(request, frames, waits, cancel);
                break;
            case CancelRequest stop:
                waits.Stop(stop.Id);
                break;
            case SwitchRequest wanted:
                _ = SwitchAsync(wanted, frames, cancel);
                break;
            case AgentQuery query:
                _ = QueryAsync(query, frames, cancel);
                break;
            case ServersNotice notice:
                services.Learn(notice.Servers);
                break;
            case StoreNotice notice:
                services.Mark.Raise(notice.Mark);
                break;
            default:
                throw new RefusedByServerException($"it sent {frame.GetType().Name}, which does not belong here");
        }
    }

    private async Task AnswerAsync(
        AgentRequest request, FrameSocket frames, RequestWaits waits, CancellationToken cancel)
    {
        if (waits.Begin(request.Id, cancel) is not { } wait) return;
        try
        {
            var outcome = await services.Desk.AskAsync(request, wait);
            await TrySendAsync(frames, new AgentResponse { Id = request.Id, Outcome = outcome }, cancel);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits any more; the work goes on and its end is remembered.
        }
        finally
        {
            waits.End(request.Id);
        }
    }

    private async Task SwitchAsync(SwitchRequest request, FrameSocket frames, CancellationToken cancel) =>
        await TrySendAsync(
            frames,
            new SwitchResponse { Id = request.Id, Failure = await services.ApplySwitchAsync(request, cancel) },
            cancel);

    private async Task QueryAsync(AgentQuery query, FrameSocket frames, CancellationToken cancel) =>
        await TrySendAsync(frames, await services.Queries.AnswerAsync(query, cancel), cancel);

    private async Task TellAsync(FrameSocket frames, CancellationToken cancel)
    {
        var told = false;
        using var timer = new PeriodicTimer(TelemetryInterval, services.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancel))
            {
                var moves = services.Agent.Progress;
                if (moves.IsEmpty && !told) continue;
                told = !moves.IsEmpty;
                await TrySendAsync(frames, new AgentTelemetry { Moves = moves }, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended.
        }
    }

    private static async Task TellEndedAsync(EndedNodes ended, FrameSocket frames, CancellationToken cancel)
    {
        try
        {
            while (true) await TrySendAsync(frames, await ended.NextAsync(cancel), cancel);
        }
        catch (OperationCanceledException)
        {
            // The connection ended; the next hello tells what is there.
        }
    }

    private static async Task TrySendAsync(FrameSocket frames, AgentFrame frame, CancellationToken cancel)
    {
        try
        {
            await frames.SendAsync(frame, cancel);
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException
            or ObjectDisposedException or InvalidOperationException)
        {
            // The reader sees the end too; the server asks again over the next connection.
            frames.Abort();
        }
    }
}

/// <summary>A server does not want this agent, or speaks otherwise.</summary>
internal sealed class RefusedByServerException(string why) : Exception(why);
