"""Select with a timeout: nobody ever answers, so expect `timed out` after a twentieth of a second."""

from gofer import Chan, recv, select, time

answer: Chan[str] = Chan()

match select(recv(answer), recv(time.after(0.05))):
    case 0, text, _:
        print("answer:", text)
    case 1, _, _:
        print("timed out")
