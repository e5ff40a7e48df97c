export { isUserError, UserError } from '@tidegate/github';
