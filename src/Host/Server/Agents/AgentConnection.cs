using System.Collections.Immutable;
using System.Net.WebSockets;
using VioActors.Contracts;
using VioActors.Contracts.Agents;

namespace VioActors.Daemon.Server.Agents;

/// <summary>
/// One open connection to one host's agent, after the hello. Asks, and matches answers; keeps the newest telemetry.
/// Thread-safe apart from <see cref="RunAsync"/>, which runs once.
/// </summary>
internal sealed class AgentConnection(HostId host, HostFacts facts, FrameSocket socket, TimeProvider clock)
{
    private readonly PendingAnswers _pending = new();
    // Never disposed: whoever asked leaves it after the connection has ended.
    private readonly SemaphoreSlim _places = new(AgentLimits.InFlight, AgentLimits.InFlight);
    private readonly TaskCompletionSource<string> _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<MoveProgress> _moves = [];
    private long _queries;

    /// <summary>Whose agent.</summary>
    public HostId Host { get; } = host;

    /// <summary>What it said of the host.</summary>
    public HostFacts Facts { get; } = facts;

    /// <summary>Whether it takes <see cref="StoreNotice"/>.</summary>
    public bool KeepsMarks { get; init; }

    /// <summary>Newest progress of moves that leave this host.</summary>
    public ImmutableArray<MoveProgress> Moves => _moves;

    /// <summary>Nodes whose machines the agent saw end.</summary>
    public NodeMail Ended { get; } = new();

    /// <summary>Asks for a command and waits for its end, however long it takes.</summary>
    /// <exception cref="AgentLostException">The connection ended first.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the agent was told.</exception>
    public async Task<AgentOutcome> RequestAsync(AgentRequest request, CancellationToken cancel)
    {
        try
        {
            return ((AgentResponse)await AskAsync<AgentResponse>(request.Id, request, cancel)).Outcome;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await TrySendAsync(new CancelRequest { Id = request.Id });
            throw;
        }
    }

    /// <summary>Hands over the wanted state of the host's switch; returns what was not applied.</summary>
    /// <exception cref="AgentLostException">The connection ended first.</exception>
    public async Task<Failure?> SwitchAsync(SwitchRequest request, CancellationToken cancel) =>
        ((SwitchResponse)await AskAsync<SwitchResponse>(request.Id, request, cancel)).Failure;

    /// <summary>Asks a question that changes nothing. The query's id is replaced by one of this connection.</summary>
    /// <exception cref="AgentLostException">The connection ended first.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task<AgentAnswer> QueryAsync(AgentQuery query, TimeSpan limit, CancellationToken cancel)
    {
        var id = $"q{Interlocked.Increment(ref _queries)}";
        using var late = new CancellationTokenSource(limit, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return (AgentAnswer)await AskAsync<AgentAnswer>(id, query with { Id = id }, both.Token);
        }
        catch (OperationCanceledException waited) when (late.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The agent of host {Facts.Name} did not answer '{query.Ask}' in {limit.TotalSeconds:0} s.", waited);
        }
    }

    /// <summary>Tells the agent something that has no answer; nothing when the connection is over.</summary>
    public Task TellAsync(AgentFrame notice) => TrySendAsync(notice);

    /// <summary>Ends the connection; <see cref="RunAsync"/> returns the reason.</summary>
    public void Close(string why) => _closing.TrySetResult(why);

    /// <summary>Reads until the connection ends, and says why it did.</summary>
    public async Task<string> RunAsync(CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = ReadAsync(ending.Token);
        var first = await Task.WhenAny(reading, _closing.Task);
        var why = await first;
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, why);
        await Task.WhenAny(reading, Task.Delay(AgentLimits.Goodbye, clock, ending.Token));
        await ending.CancelAsync();
        await reading;
        return why;
    }

    /// <summary>Tells all who wait that the connection is over. Called after it has left the registry.</summary>
    public void FailPending(string why) => _pending.Fail(new AgentLostException(Host, why));

    private async Task<string> ReadAsync(CancellationToken cancel)
    {
        try
        {
            while (await socket.ReadAsync(cancel) is { } frame)
                Take(frame);
            return "the agent closed it";
        }
        catch (BadFrameException bad)
        {
            await socket.CloseAsync(bad.Status, bad.Message);
            return bad.Message;
        }
        catch (WebSocketException broken)
        {
            return broken.Message;
        }
        catch (OperationCanceledException)
        {
            return "this server stops";
        }
    }

    private void Take(AgentFrame frame)
    {
        switch (frame)
        {
            case AgentResponse response:
                _pending.Take(response.Id, response);
                break;
            case SwitchResponse response:
                _pending.Take(response.Id, response);
                break;
            case AgentAnswer answer:
                _pending.Take(answer.Id, answer);
                break;
            case NodesEnded { Nodes: { IsDefault: false, Length: <= NodesEnded.Most } nodes }:
                Ended.Put(nodes);
                break;
            case AgentTelemetry telemetry:
                _moves = telemetry.Moves;
                break;
            default:
                throw new BadFrameException(
                    WebSocketCloseStatus.PolicyViolation, $"an agent does not send {frame.GetType().Name} here");
        }
    }

    private async Task<AgentFrame> AskAsync<TAnswer>(string id, AgentFrame question, CancellationToken cancel)
        where TAnswer : AgentFrame
    {
        await _places.WaitAsync(cancel);
        try
        {
            var answer = _pending.Expect<TAnswer>(id);
            await SendAsync(question, cancel);
            return await answer.WaitAsync(cancel);
        }
        finally
        {
            _pending.Forget<TAnswer>(id);
            _places.Release();
        }
    }

    private async Task SendAsync(AgentFrame frame, CancellationToken cancel)
    {
        try
        {
            await socket.SendAsync(frame, cancel);
        }
        catch (Exception broken) when (
            broken is WebSocketException or ObjectDisposedException or InvalidOperationException)
        {
            Close(broken.Message);
            throw new AgentLostException(Host, broken.Message);
        }
    }

    private async Task TrySendAsync(AgentFrame frame)
    {
        try
        {
            await SendAsync(frame, CancellationToken.None);
        }
        catch (AgentLostException)
        {
            // What nobody asks for again needs no more from the agent, and the next hello says what is true then.
        }
    }
}
